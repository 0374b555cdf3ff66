package agi

import "context"

// DatabaseGet returns the value of a key in Asterisk's database, and whether the
// key is there. It works after a hangup, as all database commands do.
func (s *Session) DatabaseGet(ctx context.Context, family, key string) (value string, ok bool, err error) {
	return s.value(ctx, "DATABASE GET", family, key)
}

// DatabasePut sets the value of a key in Asterisk's database. The error is an
// [*Error] with code 200 when Asterisk could not.
func (s *Session) DatabasePut(ctx context.Context, family, key, value string) error {
	r, err := s.Do(ctx, "DATABASE PUT", family, key, value)
	if err == nil && r.Result != "1" {
		err = &Error{Code: r.Code, Command: "DATABASE PUT", Text: r.Text}
	}
	return err
}

// DatabaseDel deletes a key from Asterisk's database and reports whether Asterisk
// could, which it says (16 and 22 do) of a key that was not there too.
func (s *Session) DatabaseDel(ctx context.Context, family, key string) (bool, error) {
	r, err := s.Do(ctx, "DATABASE DEL", family, key)
	return err == nil && r.Result == "1", err
}

// DatabaseDelTree deletes a family, or with keytree the keys below it, from
// Asterisk's database and reports whether there was something to delete.
func (s *Session) DatabaseDelTree(ctx context.Context, family, keytree string) (bool, error) {
	r, err := s.Do(ctx, "DATABASE DELTREE", trim(family, keytree)...)
	// Unlike in the other database commands 0 is success here.
	return err == nil && r.Result == "0", err
}
