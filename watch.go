package pbxflow

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/fsnotify/fsnotify"

	"github.com/pbxflow/pbxflow/internal/app"
)

const (
	// settleTime is how long the files have to stay as they are before they are read: an
	// editor saves in several steps, and a git pull changes many files.
	settleTime = 500 * time.Millisecond
	// settleWithin is when they are read at the latest.
	settleWithin = 5 * time.Second
)

// watch begins to look at the app's folder, until ctx ends. The function that it returns
// does that, and reads the app again after each change.
func (s *Server) watch(ctx context.Context) (run func(), err error) {
	if s.options.Dir == "" {
		return nil, errors.New("the app is not in a folder")
	}
	watcher, err := fsnotify.NewWatcher()
	if err != nil {
		return nil, err
	}
	if err := watchFolders(watcher, s.options.Dir); err != nil {
		return nil, errors.Join(err, watcher.Close())
	}
	seen := s.app.Load().Revision
	return func() {
		// What has changed since the app was loaded is not told, and may not be whole yet.
		for s.awaitChange(ctx, watcher, app.Revision(s.fs) != seen) {
			// A folder may be new. One that is gone again does not matter.
			if err := watchFolders(watcher, s.options.Dir); err != nil && !errors.Is(err, fs.ErrNotExist) {
				s.logger.Warn("cannot watch all folders of the app", "error", err)
			}
			revision := app.Revision(s.fs)
			if revision == seen {
				continue
			}
			seen = revision
			if err := s.Reload(); err != nil {
				s.logger.Error("the app has changed, but cannot be loaded: all stays as it was", "error", err)
			}
		}
		if err := watcher.Close(); err != nil {
			s.logger.Warn("cannot stop to watch the app's folder", "error", err)
		}
	}, nil
}

// awaitChange waits until something has changed, if it has not yet, and then not for a while.
// It returns false when ctx has ended.
func (s *Server) awaitChange(ctx context.Context, watcher *fsnotify.Watcher, changed bool) bool {
	var settled, late <-chan time.Time // nil until there is a change
	for {
		if changed {
			settled = time.After(settleTime)
			if late == nil {
				late = time.After(settleWithin)
			}
		}
		select {
		case event := <-watcher.Events:
			changed = event.Op != fsnotify.Chmod
		case err := <-watcher.Errors:
			// Some changes may have been lost, so look at all.
			s.logger.Warn("cannot see all changes of the app's folder", "error", err)
			changed = true
		case <-settled:
			return true
		case <-late:
			return true
		case <-ctx.Done():
			return false
		}
	}
}

// watchFolders has the watcher look at the folder and those below it, hidden ones left
// aside, as the app is read. Those that it looks at already are no harm.
func watchFolders(watcher *fsnotify.Watcher, dir string) error {
	return filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case !entry.IsDir():
			return nil
		case path != dir && strings.HasPrefix(entry.Name(), "."):
			return fs.SkipDir
		}
		return watcher.Add(path)
	})
}
