package flows

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// ListeningIn is the text of the records that spy writes.
const ListeningIn = "listening in"

// Auditor keeps the records of the verbs audit and spy, as [Audit] does. Write is called
// concurrently and returns when the record is safe.
type Auditor interface {
	Write(now time.Time, text string, fields map[string]string, meta Meta) error
}

// Audit is a file of records that nobody can change unnoticed: each line is one record in
// JSON and holds the hash of the line before. Make one with NewAudit or OpenAudit. Its
// methods are safe for concurrent use.
//
// A last line that was written by half, as when the power goes, does not count as a
// change: it is moved to a file beside, with .torn- and the number of the record in its
// name, and a record that tells of it takes its place.
type Audit struct {
	// OnTorn is called with the name of that file when this happens; nil means that nobody
	// is told. It must not be changed once the audit is in use, and must not write to it.
	OnTorn func(file string)

	name string

	mu     sync.Mutex
	file   auditFile // nil until it is needed
	closed bool
	seq    uint64
	last   string // hash of the last record
}

// auditFile is an open file.
type auditFile interface {
	io.WriteCloser
	Sync() error
}

// AuditRecord is one line of an audit.
type AuditRecord struct {
	Seq  uint64    `json:"seq"`
	Time time.Time `json:"time"`
	Text string    `json:"text"`
	Meta
	Fields map[string]string `json:"fields,omitempty"`
	// Prev is the hash of the record before, empty in the first.
	Prev string `json:"prev"`
	// Hash is that of the record with this field empty.
	Hash string `json:"hash,omitempty"`
}

// hash is SHA-256 of the record without it.
func (r AuditRecord) hash() (string, error) {
	r.Hash = ""
	b, err := json.Marshal(r)
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:]), err
}

// NewAudit returns the audit in the file of that name, which is opened when the first
// record is written, or by Open.
func NewAudit(name string) *Audit { return &Audit{name: name} }

// OpenAudit returns the audit in the file of that name and opens it.
func OpenAudit(name string) (*Audit, error) {
	a := NewAudit(name)
	return a, a.Open()
}

// Open opens the file to add to it, and makes it with its folder if it is not there. A
// file whose records do not follow from each other is an error: somebody has changed it.
func (a *Audit) Open() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.open(time.Now())
}

func (a *Audit) open(now time.Time) error {
	switch {
	case a.closed:
		return os.ErrClosed
	case a.file != nil:
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(a.name), 0o750); err != nil {
		return err
	}
	file, err := os.OpenFile(a.name, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o640)
	if err != nil {
		return err
	}
	last, tail, err := readAudit(file)
	if err != nil {
		return errors.Join(fmt.Errorf("%s: %w", a.name, err), file.Close())
	}
	a.file, a.seq, a.last = file, last.Seq, last.Hash
	if err := a.mend(file, tail, now); err != nil {
		err = fmt.Errorf("%s: cannot repair its torn end: %w", a.name, err)
		if a.file != nil {
			err = errors.Join(err, a.file.Close())
			a.file = nil
		}
		return err
	}
	return nil
}

// VerifyAudit reads the records of an audit and returns the last. The error names the
// first line that does not follow from the one before, or is not whole.
func VerifyAudit(r io.Reader) (last AuditRecord, err error) {
	last, tail, err := readAudit(r)
	if err == nil && len(tail) > 0 {
		err = fmt.Errorf("line %d of the audit is not whole: %w", last.Seq+1, io.EOF)
	}
	return last, err
}

// readAudit is VerifyAudit, but for what stands behind the last whole line: that is
// returned as it is.
func readAudit(r io.Reader) (last AuditRecord, tail []byte, err error) {
	lines := bufio.NewReader(r)
	for n := 1; ; n++ {
		line, err := lines.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return last, line, nil
		} else if err != nil {
			return last, nil, fmt.Errorf("line %d of the audit cannot be read: %w", n, err)
		}
		var record AuditRecord
		decoder := json.NewDecoder(bytes.NewReader(line))
		decoder.DisallowUnknownFields() // what is not in the hash could have been added
		if err := decoder.Decode(&record); err != nil {
			if _, more := lines.Peek(1); errors.Is(more, io.EOF) && bytes.IndexByte(line, 0) >= 0 {
				return last, line, nil // only the line's end had come to the disk
			}
			return last, nil, fmt.Errorf("line %d of the audit is no record: %w", n, err)
		}
		hash, err := record.hash()
		if err != nil {
			return last, nil, err
		}
		if record.Hash != hash || record.Prev != last.Hash || record.Seq != last.Seq+1 {
			return last, nil, fmt.Errorf("line %d of the audit was changed, or one before it is missing", n)
		}
		last = record
	}
}

// Write adds a record and returns when it is on the disk.
func (a *Audit) Write(now time.Time, text string, fields map[string]string, meta Meta) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if err := a.open(now); err != nil {
		return err
	}
	return a.write(AuditRecord{Time: now.UTC(), Text: text, Meta: meta, Fields: fields})
}

// write adds a record, which gets its number and its hashes here. After a failure nobody
// knows what is in the file: it is read again before the next record.
func (a *Audit) write(record AuditRecord) (err error) {
	record.Seq, record.Prev = a.seq+1, a.last
	if record.Hash, err = record.hash(); err != nil {
		return err
	}
	line, err := json.Marshal(record)
	if err != nil {
		return err
	}
	if _, err = a.file.Write(append(line, '\n')); err == nil {
		err = a.file.Sync()
	}
	if err != nil {
		err = errors.Join(err, a.file.Close())
		a.file = nil
		return err
	}
	a.seq, a.last = record.Seq, record.Hash
	return nil
}

// Close closes the file. Nothing may be written afterwards.
func (a *Audit) Close() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.closed = true
	if a.file == nil {
		return nil
	}
	err := a.file.Close()
	a.file = nil
	return err
}
