package xmldoc_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/pbxflow/pbxflow/ami/catalog/internal/table"
	"github.com/pbxflow/pbxflow/ami/catalog/internal/xmldoc"
)

const documentation = `<?xml version="1.0"?>
<docs xmlns:xi="http://www.w3.org/2001/XInclude">
<manager name="Stop"><since><version>22.1.0</version><version>20.11.0</version><version>1.8.0</version></since>
 <syntax>
  <parameter name="ActionID"/>
  <parameter name="Channel" required="true"/>
  <parameter name="How"><enumlist><enum name="fast"/><enum name="slow(soon)"/><enum name="fast"/></enumlist></parameter>
 </syntax>
 <responses><managerEvent name="StopComplete"><managerEventInstance class="EVENT_FLAG_COMMAND"><syntax/></managerEventInstance></managerEvent></responses>
</manager>
<manager name="Halt"><syntax>
  <xi:include xpointer="xpointer(/docs/manager[@name='Stop']/syntax/parameter[@name='Channel'])"/>
</syntax></manager>
<managerEvent name="Stopped"><managerEventInstance class="EVENT_FLAG_CALL">
 <syntax><channel_snapshot/><channel_snapshot prefix="Dest"/><bridge_snapshot/>
  <parameter name="Reason" required="true"/>
  <parameter name="Wait"/>
 </syntax></managerEventInstance></managerEvent>
<managerEvent name="Halted"><managerEventInstance class="EVENT_FLAG_CALL">
 <syntax><xi:include xpointer="xpointer(/docs/managerEvent[@name='Resting']/managerEventInstance/syntax/parameter)"/></syntax>
</managerEventInstance></managerEvent>
<managerEvent name="Resting"><managerEventInstance class="EVENT_FLAG_CALL">
 <syntax>
  <xi:include xpointer="xpointer(/docs/managerEvent[@name='Stopped']/managerEventInstance/syntax/parameter[contains(@name, 'Wa')])"/>
  <xi:include xpointer="xpointer(/docs/managerEvent[@name='None']/managerEventInstance/syntax/parameter)"/>
  <xi:include xpointer="something else"/>
 </syntax></managerEventInstance></managerEvent>
<application name="Rest"><syntax><parameter name="options"><optionlist><option name="a"/><option name="b"/></optionlist></parameter></syntax></application>
<function name="RESTED"><syntax><parameter name="of" required="true"/></syntax></function>
<agi name="rest now"><syntax/></agi>
</docs>`

func TestRead(t *testing.T) {
	all, err := xmldoc.Read(strings.NewReader(documentation), 22)
	if err != nil {
		t.Fatal(err)
	}
	want := `action	Halt	in=22
	Channel	required
action	Stop	in=22	added=20.11.0|22.1.0
	Channel	required
	How	values=fast
event	Halted	in=22	class=call
	Wait
event	Resting	in=22	class=call
	Wait
event	StopComplete	in=22	class=command
event	Stopped	in=22	class=call	channels=|Dest	bridges=
	Reason
	Wait
application	Rest	in=22
	options	options=a|b
function	RESTED	in=22
	of	required
agi	REST NOW	in=22
`
	if diff := cmp.Diff(want, table.Format(all)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestReadMistakes(t *testing.T) {
	if _, err := xmldoc.Read(strings.NewReader("<docs>"), 22); err == nil {
		t.Error("half a document was taken")
	}
	if _, err := xmldoc.Read(strings.NewReader(documentation), 17); err == nil {
		t.Error("version 17 was taken")
	}
}
