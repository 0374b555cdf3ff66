package main

import (
	"bytes"
	"io"
	"sync"
)

// keyboard holds what was typed until somebody reads it. It reads the terminal even when
// nobody does, for a raw terminal makes no signal of Ctrl-C. Its goroutine ends with the
// terminal or the process: nothing frees who reads a terminal.
type keyboard struct {
	mu    sync.Mutex
	more  sync.Cond
	typed []byte
	err   error // ends it, once typed is read
}

// newKeyboard reads in, and calls interrupt for each Ctrl-C before that can be read.
func newKeyboard(in io.Reader, interrupt func()) *keyboard {
	k := &keyboard{}
	k.more.L = &k.mu
	go k.run(in, interrupt)
	return k
}

func (k *keyboard) run(in io.Reader, interrupt func()) {
	const ctrlC = 3
	chunk := make([]byte, 1024)
	for {
		n, err := in.Read(chunk)
		if bytes.IndexByte(chunk[:n], ctrlC) >= 0 {
			interrupt()
		}
		k.mu.Lock()
		k.typed = append(k.typed, chunk[:n]...)
		k.err = err
		k.mu.Unlock()
		k.more.Signal()
		if err != nil {
			return
		}
	}
}

// Read blocks until something was typed.
func (k *keyboard) Read(p []byte) (int, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for len(k.typed) == 0 && k.err == nil {
		k.more.Wait()
	}
	if len(k.typed) == 0 {
		return 0, k.err
	}
	n := copy(p, k.typed)
	k.typed = k.typed[n:]
	return n, nil
}
