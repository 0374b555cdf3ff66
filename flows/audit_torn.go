package flows

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// mend moves what stands behind the last whole record to a file beside, and adds a record
// that tells of it. Each step leaves behind what the next one needs, so that it can be done
// again when the power goes in the middle: the file beside has the number of the record that
// tells of it in its name.
func (a *Audit) mend(file *os.File, tail []byte, now time.Time) error {
	beside := fmt.Sprintf("%s.torn-%d", a.name, a.seq+1)
	if len(tail) > 0 {
		if err := appendSafely(beside, tail); err != nil {
			return err
		}
		info, err := file.Stat()
		if err != nil {
			return err
		}
		if err := errors.Join(file.Truncate(info.Size()-int64(len(tail))), file.Sync()); err != nil {
			return err
		}
	}
	torn, err := os.ReadFile(beside)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // nothing is torn
	}
	if err != nil {
		return err
	}
	sum := sha256.Sum256(torn)
	if err := a.write(AuditRecord{
		Time: now.UTC(), Text: "the last line was torn, as by a loss of power; what there was of it lies beside",
		Fields: map[string]string{"file": filepath.Base(beside), "bytes": fmt.Sprint(len(torn)), "sha256": hex.EncodeToString(sum[:])},
	}); err != nil {
		return err
	}
	if a.OnTorn != nil {
		a.OnTorn(beside)
	}
	return nil
}

// appendSafely adds to a file and returns when that is on the disk, as is the file's name.
func appendSafely(name string, data []byte) error {
	file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o640)
	if err != nil {
		return err
	}
	_, err = file.Write(data)
	if err = errors.Join(err, file.Sync(), file.Close()); err != nil {
		return err
	}
	folder, err := os.Open(filepath.Dir(name))
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}
