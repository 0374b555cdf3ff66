package flowtest

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/pbxflow/pbxflow/ami"
	"github.com/pbxflow/pbxflow/flows"
	"github.com/pbxflow/pbxflow/internal/asterisktest"
)

// managerRights are what the verbs need.
const managerRights = "system,call,agent,user,reporting,originate"

// manage opens a manager session for the flows.
func (r *realSuite) manage(t *testing.T, pbx *asterisktest.Instance) {
	up := make(chan struct{})
	var running sync.WaitGroup
	var first sync.Once
	client := ami.New(ami.Options{
		Name: "pbx1", Addr: pbx.AMI, Username: pbx.AMIUser, Secret: pbx.AMISecret, Logger: hclog.NewNullLogger(),
		OnState: func(s ami.State, _ error) {
			if s == ami.Connected {
				first.Do(func() { close(up) })
			}
		},
	})
	ctx, stop := context.WithCancel(context.Background())
	running.Go(func() { client.Run(ctx) })
	t.Cleanup(func() {
		stop()
		running.Wait()
	})
	select {
	case <-up:
	case <-time.After(time.Minute):
		t.Fatal("no session came about")
	}
	r.client = client
}

// servers are the one Asterisk for the flow of a call.
func (r *realSuite) servers(s *stage) []flows.Server {
	return []flows.Server{{
		Name: "pbx1", Outbound: string(r.app.Config.Asterisk["pbx1"].Outbound),
		Manager: realManager{r.client, s}, Live: picture{s, true},
	}}
}

// realManager hands actions to the script and to Asterisk.
type realManager struct {
	*ami.Client
	stage *stage
}

func (m realManager) Do(ctx context.Context, a ami.Action) (ami.Response, error) {
	m.stage.happens(actionEvent(a))
	return m.Client.Do(ctx, a)
}

func (m realManager) List(ctx context.Context, a ami.Action) ([]ami.Event, error) {
	m.stage.happens(actionEvent(a))
	return m.Client.List(ctx, a)
}

func (m realManager) Originate(ctx context.Context, a ami.Action) (ami.Event, error) {
	m.stage.happens(actionEvent(a))
	return m.Client.Originate(ctx, a)
}
