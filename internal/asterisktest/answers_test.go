package asterisktest

import (
	"bufio"
	"context"
	"errors"
	"net"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// An Asterisk of which the queues hang answers all that does not ask for them.
func TestAnswers(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	errHangs := errors.New("it hangs")
	var served sync.WaitGroup
	served.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			halfHangs(conn, func() { cancel(errHangs) })
		}
	})
	defer served.Wait()
	defer listener.Close()
	inst := &Instance{AMI: listener.Addr().String()}
	if err := inst.Answers(t.Context(), "Ping", "BridgeList", "BridgeList"); err != nil {
		t.Error(err)
	}
	if err := inst.Answers(ctx, "BridgeList", "QueueStatus"); !errors.Is(err, errHangs) || !strings.Contains(err.Error(), "QueueStatus") {
		t.Errorf("got %v, want that QueueStatus hangs", err)
	}
}

// halfHangs is a manager until the other side goes. It calls hangs when it does.
func halfHangs(conn net.Conn, hangs func()) {
	defer conn.Close()
	say := func(lines ...string) { _, _ = conn.Write([]byte(strings.Join(lines, "\r\n") + "\r\n\r\n")) }
	_, _ = conn.Write([]byte("Asterisk Call Manager/9.9\r\n"))
	for s := bufio.NewScanner(conn); s.Scan(); {
		switch action, _ := strings.CutPrefix(s.Text(), "Action: "); action {
		case "Login", "Ping":
			say("Response: Success")
		case "BridgeList":
			say("Response: Success", "EventList: start")
			say("Event: BridgeListItem")
			say("Event: BridgeListComplete", "EventList: Complete")
		case "QueueStatus":
			say("Response: Success", "EventList: start")
			hangs()
		}
	}
}

func TestRealAnswers(t *testing.T) {
	Each(t, func(t *testing.T, _ Version, start func(Config) *Instance) {
		pbx := start(Config{ManagerRead: "all", ManagerWrite: "all"})
		if err := pbx.Answers(t.Context(), "CoreShowChannels", "QueueStatus", "ParkedCalls", "ConfbridgeListRooms", "NoSuchAction"); err != nil {
			t.Error(err)
		}
		if err := syscall.Kill(pbx.proc.pid, syscall.SIGSTOP); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := pbx.Answers(ctx, "QueueStatus"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v of one that stands still", err)
		}
		pbx.Kill() // Stop would wait for it
	})
}
