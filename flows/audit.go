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
type Audit struct {
	name string

	mu   sync.Mutex
	file *os.File // nil until it is needed
	seq  uint64
	last string // hash of the last record
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
// record is written, as OpenAudit does.
func NewAudit(name string) *Audit { return &Audit{name: name} }

// OpenAudit opens the file of that name to add to it, and makes it with its folder if it
// is not there. A file whose records do not follow from each other is an error: somebody
// has changed it.
func OpenAudit(name string) (*Audit, error) {
	a := NewAudit(name)
	return a, a.open()
}

func (a *Audit) open() error {
	if err := os.MkdirAll(filepath.Dir(a.name), 0o750); err != nil {
		return err
	}
	file, err := os.OpenFile(a.name, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o640)
	if err != nil {
		return err
	}
	last, err := VerifyAudit(file)
	if err != nil {
		return errors.Join(fmt.Errorf("%s: %w", a.name, err), file.Close())
	}
	a.file, a.seq, a.last = file, last.Seq, last.Hash
	return nil
}

// VerifyAudit reads the records of an audit and returns the last. The error names the
// first line that does not follow from the one before.
func VerifyAudit(r io.Reader) (last AuditRecord, err error) {
	lines := bufio.NewReader(r)
	for n := 1; ; n++ {
		line, err := lines.ReadBytes('\n')
		if errors.Is(err, io.EOF) && len(line) == 0 {
			return last, nil
		} else if err != nil {
			return last, fmt.Errorf("line %d of the audit is not whole: %w", n, err)
		}
		var record AuditRecord
		decoder := json.NewDecoder(bytes.NewReader(line))
		decoder.DisallowUnknownFields() // what is not in the hash could have been added
		if err := decoder.Decode(&record); err != nil {
			return last, fmt.Errorf("line %d of the audit is no record: %w", n, err)
		}
		hash, err := record.hash()
		if err != nil {
			return last, err
		}
		if record.Hash != hash || record.Prev != last.Hash || record.Seq != last.Seq+1 {
			return last, fmt.Errorf("line %d of the audit was changed, or one before it is missing", n)
		}
		last = record
	}
}

// Write adds a record and returns when it is on the disk.
func (a *Audit) Write(now time.Time, text string, fields map[string]string, meta Meta) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.file == nil {
		if err := a.open(); err != nil {
			return err
		}
	}
	record := AuditRecord{Seq: a.seq + 1, Time: now.UTC(), Text: text, Meta: meta, Fields: fields, Prev: a.last}
	var err error
	if record.Hash, err = record.hash(); err != nil {
		return err
	}
	line, err := json.Marshal(record)
	if err != nil {
		return err
	}
	if _, err := a.file.Write(append(line, '\n')); err != nil {
		return err
	}
	a.seq, a.last = record.Seq, record.Hash
	return a.file.Sync()
}

// Close closes the file. Nothing may be written afterwards.
func (a *Audit) Close() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.file == nil {
		return nil
	}
	return a.file.Close()
}
