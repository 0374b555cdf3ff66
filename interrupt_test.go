package pbxflow_test

import (
	"bufio"
	"fmt"
	"net"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pbxflow/pbxflow/ami"
)

// TestInterrupt ends a sound over the manager session, where AGI has no way to.
func TestInterrupt(t *testing.T) {
	m, config := manager(t)
	h := serve(t, map[string]string{
		"pbxflow.yaml": config,
		"app.yaml":     syncedRule + "flows:\n  main:\n    - play: long\n      keys: { stop: \"5\" }\n      timeout: 50ms\n      on_error: continue\n    - play: next\n",
	})
	h.decided("synced")
	asked := make(chan ami.Message, 1)
	m.Respond("ControlPlayback", func(action ami.Message) [][]string {
		asked <- action
		return [][]string{{"Response", "Success"}}
	})

	conn, err := net.Dial("tcp", h.AGIAddr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprint(conn, "agi_network: yes\nagi_request: agi://pbxflow/main\nagi_network_script: main\nagi_channel: PJSIP/ann-1\nagi_uniqueid: 1.7\n\n")
	var commands []string
	for lines := bufio.NewScanner(conn); lines.Scan(); {
		command := lines.Text()
		commands = append(commands, command)
		if strings.HasPrefix(command, "CONTROL") {
			// Asterisk plays on until the manager says otherwise.
			if action := <-asked; action.Get("Channel") != "1.7" || action.Get("Control") != "stop" {
				t.Errorf("the manager was asked %v", action)
			}
		}
		fmt.Fprint(conn, "200 result=0 endpos=0\n")
	}
	want := []string{
		`CONTROL STREAM FILE "long" "5" "3000" "-" "-" "-"`, `STREAM FILE "next" ""`,
		`SET VARIABLE "FLOWSTATUS" "DONE"`, `SET VARIABLE "FLOWERROR" ""`,
	}
	if diff := cmp.Diff(want, commands); diff != "" {
		t.Errorf("the commands differ (-want +got):\n%s", diff)
	}
}
