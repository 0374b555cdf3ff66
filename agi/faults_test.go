package agi_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pbxflow/pbxflow/agi"
	"github.com/pbxflow/pbxflow/agi/agitest"
)

// faultyConn is the server's end of a call whose closing is watched.
type faultyConn struct {
	net.Conn
	closed atomic.Bool
}

func (c *faultyConn) Close() error {
	c.closed.Store(true)
	return c.Conn.Close()
}

// playFaulty is play for conversations that break. That no goroutine is left is seen by
// the bubble.
func playFaulty(t *testing.T, transcript string, h agi.HandlerFunc) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		asterisk, here := net.Pipe()
		conn := &faultyConn{Conn: here}
		srv := &agi.Server{Handler: h}
		served := make(chan struct{})
		go func() {
			defer close(served)
			srv.ServeConn(t.Context(), conn)
		}()
		if err := agitest.Play(t.Context(), asterisk, transcript); err != nil {
			t.Errorf("%v\nthe transcript:\n%s", err, transcript)
		}
		<-served
		if !conn.closed.Load() {
			t.Error("the connection was left open")
		}
		if got := srv.Sessions(); got != 0 {
			t.Errorf("got %d sessions in the end, want none", got)
		}
	})
}

// errStalled is why the commands of a faulty call are given up.
var errStalled = errors.New("it takes too long")

// limited is a context for one command. Two that are given up are over before
// agitest.Patience is.
func limited(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeoutCause(ctx, paceOf(ctx).limit, errStalled)
}

// faultPoint is a moment of a session: what was said before, what the handler does then,
// and how the conversation would go on.
type faultPoint struct {
	name   string
	before string
	after  string
	run    func(ctx context.Context, s *agi.Session) error
}

// idle waits for a while.
func idle(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-time.After(paceOf(ctx).idle):
		return nil
	}
}

func isUsage(err error) bool {
	e, ok := errors.AsType[*agi.Error](err)
	return ok && e.Code == 520
}

var errNoUsage = errors.New("the usage did not come")

var faultPoints = []faultPoint{
	{"idle after the environment", "", ". 20s\n", func(ctx context.Context, s *agi.Session) error {
		return idle(ctx)
	}},
	{"in a command", "> EXEC \"Wait\" \"5\"\n", "< 200 result=0\n", func(ctx context.Context, s *agi.Session) error {
		_, err := s.Exec(ctx, "Wait", "5")
		return err
	}},
	{"in a reply", "> GOSUB \"sub\" \"s\" \"1\"\n< 100 result=0 Trying...\n", "< 200 result=0 Gosub complete\n", func(ctx context.Context, s *agi.Session) error {
		_, err := s.Do(ctx, "GOSUB", "sub", "s", "1")
		return err
	}},
	{"between commands", inStep, ". 20s\n", func(ctx context.Context, s *agi.Session) error {
		if v, _, err := s.GetVariable(ctx, "STEP"); v != "yes" || err != nil {
			return err
		}
		return idle(ctx)
	}},
	{"in a usage", "> NONSENSE\n< 520-Invalid command syntax.  Proper usage follows:\n< 200 result=1 (no)\n", "< 520 End of proper usage.\n", func(ctx context.Context, s *agi.Session) error {
		_, err := s.Do(ctx, "NONSENSE")
		if isUsage(err) {
			return context.Cause(ctx)
		}
		return errors.Join(errNoUsage, err)
	}},
	{"in a cancel", "> STREAM FILE \"long\" \"\"\n. 1h\n> GET FULL VARIABLE \"agi-sync-1\"\n", "< 200 result=1 (agi-sync-1)\n", func(ctx context.Context, s *agi.Session) error {
		short, cancel := cancelled(ctx)
		defer cancel()
		_, _, err := s.StreamFile(short, "long", "", 0)
		if errors.Is(err, context.DeadlineExceeded) {
			return context.Cause(ctx)
		}
		return err
	}},
}

// fault is something that happens at a point: its lines, and the error that the handler
// sees then, or in its next command at the latest.
type fault struct {
	name  string
	lines string
	last  bool // the conversation does not go on
	want  error
}

var faults = []fault{
	{"none", "", false, nil},
	{"split", "! split\n", false, nil},
	{"delay", ". 100ms\n", false, nil},
	{"garbage", "< \"GET / HTTP/1.1\\r\"\n< \"\\x00\\xff\"\n<\n< 2000 result=5\n. 100ms\n", false, nil},
	{"hangup", "! hangup\n", false, agi.ErrHangup},
	{"late hangup", ". 100ms\n! hangup\n. 100ms\n", false, agi.ErrHangup},
	{"hangup byte by byte", "! split\n! hangup\n", false, agi.ErrHangup},
	{"hangup twice and close", "! hangup\n! hangup\n! close\n", true, agi.ErrHangup},
	{"close", "! close\n", true, agi.ErrClosed},
	{"close in a line", "<- 200 resu\n! close\n", true, agi.ErrClosed},
	{"stall", "! stall\n", true, errStalled},
	{"stall in a line", "<- 200 resu\n! stall\n", true, errStalled},
}

// TestFaults has every fault at every point of a session.
func TestFaults(t *testing.T) {
	for _, p := range faultPoints {
		for _, f := range faults {
			t.Run(p.name+"/"+f.name, func(t *testing.T) {
				transcript := p.before + f.lines
				if !f.last {
					transcript += p.after + inStep
				}
				playFaulty(t, transcript, func(_ context.Context, s *agi.Session) error {
					f.check(t, s, p.run)
					return nil
				})
			})
		}
	}
}

// check runs what the fault happens to and sees how it ends, and how what follows does.
func (f fault) check(t *testing.T, s *agi.Session, run func(context.Context, *agi.Session) error) {
	ctx, cancel := limited(s.Context())
	defer cancel()
	err := run(ctx, s)

	cleanup, cancel := limited(context.WithoutCancel(ctx))
	defer cancel()
	v, _, later := s.GetVariable(cleanup, "STEP")
	switch {
	case !f.last && (v != "yes" || later != nil):
		t.Errorf("afterwards: got %q, %v, want yes", v, later)
	case f.last && errors.Is(f.want, agi.ErrHangup):
		wantErr(t, "afterwards", later, agi.ErrClosed)
	case f.last:
		wantErr(t, "afterwards", later, f.want)
	}

	switch {
	case err != nil || f.want == nil:
	case errors.Is(f.want, agi.ErrHangup): // a reply that has come wins over it
		err = s.Noop(ctx)
	default: // who does nothing sees no stall
		err = later
	}
	wantErr(t, "the handler", err, f.want)
	if !errors.Is(f.want, errStalled) {
		wantErr(t, "cause", context.Cause(s.Context()), f.want)
	}
}

// Calls that never begin do not reach the handler, and those that begin oddly work.
func TestFaultsInEnvironment(t *testing.T) {
	const rest = "agi_callerid: 5550100\n<\n"
	for transcript, served := range map[string]bool{
		"env cut 0\n! close":                        false,
		"env cut 0\n! stall":                        false,
		"env cut 0\n<- agi\n! stall":                false,
		"env cut 0\n! hangup":                       false,
		"env cut 0\n< GET / HTTP/1.1":               false,
		"env cut 0\n< \"\\xff\\x00\"":               false,
		"env cut 0\n<\n< " + rest:                   false,
		"env cut 0\n. 4s\n< " + rest + inStep:       true,
		"env cut 0\n. 6s\n> FAILURE":                false,
		"env cut 40\n! close":                       false,
		"env cut 40\n! stall":                       false,
		"env cut 40\n! hangup\n! close":             false,
		"env cut 40\n< garbage\n! stall":            false,
		"env cut 40\n. 4s\n< x\n< " + rest + inStep: true,
		"env cut 40\n< garbage\n< " + rest + inStep: true,
		"! split\n" + inStep:                        true,
	} {
		t.Run(strings.ReplaceAll(transcript, "\n", " "), func(t *testing.T) {
			called := false
			playFaulty(t, transcript, func(ctx context.Context, s *agi.Session) error {
				called = true
				if got, want := s.Env().CallerID(), "5550100"; got != want {
					t.Errorf("got caller %q, want %q", got, want)
				}
				value(t, ctx, s, "STEP", "yes")
				return nil
			})
			if called != served {
				t.Errorf("handler called: got %v, want %v", called, served)
			}
		})
	}
}

// numberedAsterisk answers every command with the command's number, in one of the forms
// that replies have, in pieces, and with HANGUPs wherever Asterisk may say it.
func numberedAsterisk(conn net.Conn, rng *rand.Rand) {
	defer conn.Close()
	var out []byte
	say := func(text string) {
		out = append(out, text...)
		switch rng.IntN(16) {
		case 0: // byte by byte
			for i := range out {
				if _, err := conn.Write(out[i : i+1]); err != nil {
					return // the session is over, and reading tells
				}
			}
		case 1, 2, 3: // two pieces
			n := rng.IntN(len(out) + 1)
			if _, err := conn.Write(out[:n]); err != nil {
				return
			}
			conn.Write(out[n:])
		case 4: // with what comes next, if more does
			return
		default:
			conn.Write(out)
		}
		out = out[:0]
	}
	hangup := func() {
		if rng.IntN(8) == 0 {
			say("HANGUP\n")
		}
	}
	out = append(out, "agi_network: yes\n"...)
	say("\n")
	for in := bufio.NewReader(conn); ; {
		conn.Write(out) // which nobody completes
		out = out[:0]
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		_, number, _ := strings.Cut(strings.TrimSuffix(line, "\"\n"), `"`)
		hangup()
		switch rng.IntN(6) {
		case 0:
			say("520-Invalid command syntax.\n200 result=1 (0)\n")
			say("[" + number + "]\n520 End of proper usage.\n")
		case 1:
			say("100 result=0 Trying...\n")
			hangup()
			say("200 result=0 [" + number + "]\n")
		case 2:
			say("200 result=1 (a\n200 result=1\n[" + number + "])\n")
		case 3:
			say("511 [" + number + "]\n")
		default:
			say("200 result=1 ([" + number + "]) endpos=5\n")
		}
		hangup()
	}
}

// exchange runs commands, some of which are given up, and sees that each gets the reply
// with its number. It returns an error when one does not.
func exchange(conn net.Conn, commands int, rng *rand.Rand) error {
	s, err := agi.NewSession(context.Background(), conn, agi.SessionOptions{})
	if err != nil {
		return errors.Join(err, conn.Close())
	}
	defer s.Close()
	for i := range commands {
		ctx, cancel := context.WithCancel(context.Background())
		given := rng.IntN(32) == 0
		if given {
			time.AfterFunc(time.Duration(rng.IntN(40))*time.Microsecond, cancel)
		}
		r, err := s.Do(ctx, "NOOP", fmt.Sprint(i))
		cancel()
		switch {
		case given && errors.Is(err, context.Canceled) && r.Text == "":
		case !strings.Contains(r.Text, fmt.Sprintf("[%d]", i)):
			return errors.Join(fmt.Errorf("command %d got %q", i, r.Text), err)
		}
	}
	return nil
}

// exchanges has n commands in sessions of all lengths, over TCP and in memory.
func exchanges(t testing.TB, n int) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	connect := func() (asterisk, here net.Conn, err error) {
		if asterisk, err = net.Dial("tcp", ln.Addr().String()); err == nil {
			here, err = ln.Accept()
		}
		return asterisk, here, err
	}
	for seed := uint64(0); n > 0 && !t.Failed(); seed++ {
		rng := rand.New(rand.NewPCG(seed, 0))
		asterisk, here := net.Pipe()
		if rng.IntN(4) > 0 {
			if asterisk, here, err = connect(); err != nil {
				t.Fatal(err)
			}
		}
		commands := min(n, 1+rng.IntN(1000))
		n -= commands
		var peer sync.WaitGroup
		peer.Go(func() { numberedAsterisk(asterisk, rand.New(rand.NewPCG(seed, 1))) })
		if err := exchange(here, commands, rng); err != nil {
			t.Errorf("seed %d: %v", seed, err)
		}
		peer.Wait()
	}
}

// descriptors returns how many files this process has open, 0 where that is not known.
func descriptors() int {
	files, _ := os.ReadDir("/proc/self/fd")
	return len(files)
}

// TestExchanges sees that no reply goes to another command, and that no session leaves a
// descriptor.
func TestExchanges(t *testing.T) {
	exchanges(t, 1) // what the first network connection opens for good
	before := descriptors()
	exchanges(t, 20_000)
	if got := descriptors(); got > before {
		t.Errorf("got %d descriptors, want %d", got, before)
	}
}

// BenchmarkExchanges is TestExchanges for as long as one likes:
//
//	go test -run=^$ -bench=Exchanges -benchtime=10000000x -timeout=0 ./agi
func BenchmarkExchanges(b *testing.B) { exchanges(b, b.N) }
