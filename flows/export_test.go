package flows

// Fail has the next write to the audit stop after n bytes with that error.
func (a *Audit) Fail(n int, err error) { a.file = &failing{a.file, n, err} }

type failing struct {
	auditFile
	n   int
	err error
}

func (f *failing) Write(b []byte) (int, error) {
	n, err := f.auditFile.Write(b[:f.n])
	if err != nil {
		return n, err
	}
	return n, f.err
}
