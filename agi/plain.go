package agi

import (
	"bufio"
	"context"
	"errors"
	"io"
	"os"
	"os/signal"
	"sync"
	"syscall"

	"github.com/hashicorp/go-hclog"
)

// ServeStdio serves the one call of a program that Asterisk started by AGI or EAGI:
// it makes a session on [Stdio], runs the handler and gives the call back. A failure
// is told and logged as by a [Server]; nil for logger means that it is only returned.
// A program has nothing else to do in main, and must not print to standard output.
func ServeStdio(ctx context.Context, h Handler, logger hclog.Logger) error {
	conn, err := Stdio()
	if err != nil {
		return err
	}
	s, err := NewSession(ctx, conn, SessionOptions{})
	if err != nil {
		return errors.Join(err, conn.Close())
	}
	srv := &Server{Handler: h, Logger: logger}
	err = srv.handle(s)
	if err != nil && !s.HungUp() && !errors.Is(err, ErrHangup) {
		s.fail()
	}
	return errors.Join(err, s.Close())
}

// stdio is standard input and output with the signal by which Asterisk tells plain
// AGI of a hangup.
type stdio struct {
	in, out *os.File
	lines   *io.PipeReader
	feed    *io.PipeWriter
	done    chan struct{}  // closed by Close
	feeders sync.WaitGroup // write to feed
	once    sync.Once
	err     error // of Close
}

// Stdio returns standard input and output as a connection for [NewSession], for a
// program that Asterisk started by AGI(/path/program). Call it once, before anything
// reads standard input.
//
// Asterisk tells such a program of a hangup by SIGHUP, unless the channel variable
// AGISIGHUP is no. Left alone the signal would end the program. From now on it is
// caught, also after Close, and read as the line HANGUP, so the session's context
// ends with [ErrHangup]. SIGPIPE is caught too: writing to a call that is gone is an
// error and not the end of the program.
//
// Close closes both files. An error means that standard input cannot be used.
func Stdio() (io.ReadWriteCloser, error) {
	signals := make(chan os.Signal, 4)
	signal.Notify(signals, syscall.SIGHUP, syscall.SIGPIPE)
	in, err := openFD(0, "stdin")
	if err != nil {
		return nil, err
	}
	return newStdio(in, os.Stdout, signals), nil
}

func newStdio(in, out *os.File, signals <-chan os.Signal) *stdio {
	s := &stdio{in: in, out: out, done: make(chan struct{})}
	s.lines, s.feed = io.Pipe()
	s.feeders.Go(s.copyLines)
	s.feeders.Go(func() { s.watchSignals(signals) })
	return s
}

// copyLines passes on whole lines, so that HANGUP never lands within one. A longer one
// than any reply is the reader's to refuse.
func (s *stdio) copyLines() {
	r := bufio.NewReaderSize(s.in, 64<<10)
	for {
		line, err := r.ReadSlice('\n')
		if len(line) > 0 {
			if _, err := s.feed.Write(line); err != nil {
				return // closed
			}
		}
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			s.feed.CloseWithError(err)
			return
		}
	}
}

func (s *stdio) watchSignals(signals <-chan os.Signal) {
	for {
		select {
		case sig := <-signals:
			if sig != syscall.SIGHUP {
				continue
			}
			if _, err := io.WriteString(s.feed, "HANGUP\n"); err != nil {
				return // closed
			}
		case <-s.done:
			return
		}
	}
}

func (s *stdio) Read(b []byte) (int, error) { return s.lines.Read(b) }

func (s *stdio) Write(b []byte) (int, error) { return s.out.Write(b) }

func (s *stdio) Close() error {
	s.once.Do(func() {
		close(s.done)
		s.err = errors.Join(s.lines.Close(), s.out.Close(), s.in.Close())
		s.feeders.Wait()
	})
	return s.err
}

var errNoAudio = errors.New("agi: no audio on descriptor 3: the dialplan must call EAGI")

// eagiFD is where EAGI puts the audio.
const eagiFD = 3

// EAGIAudio returns what the caller says, for a program that Asterisk started by EAGI:
// a stream of signed linear samples of 16 bits, little endian, mono, 8000 a second. It
// ends with io.EOF after a hangup. Call it once, and read all the time: Asterisk drops
// what does not fit in the pipe. The caller must close the file. It is an error when
// the program was started by AGI.
func EAGIAudio() (*os.File, error) {
	f, err := openFD(eagiFD, "eagi")
	if err != nil {
		return nil, err
	}
	return f, nil
}
