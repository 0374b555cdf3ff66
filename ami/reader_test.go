package ami_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"github.com/pbxflow/pbxflow/ami"
)

// fields returns a message as a list of names and values.
func fields(m ami.Message) [][2]string {
	var out [][2]string
	for name, value := range m.All() {
		out = append(out, [2]string{name, value})
	}
	return out
}

// readAll reads messages until an error.
func readAll(r io.Reader) ([][][2]string, error) {
	reader := ami.NewReader(r)
	var out [][][2]string
	for {
		m, err := reader.ReadMessage()
		if err != nil {
			return out, err
		}
		out = append(out, fields(m))
	}
}

type kv = [2]string

func TestReadMessage(t *testing.T) {
	tests := []struct {
		name string
		in   string
		want [][][2]string
		err  error // nil means io.EOF
	}{
		{name: "nothing", in: ""},
		{name: "blank lines only", in: "\r\n\n\r\n"},
		{
			name: "two messages", in: "Event: A\r\nX: 1\r\n\r\nEvent: B\r\n\r\n",
			want: [][][2]string{{kv{"Event", "A"}, kv{"X", "1"}}, {kv{"Event", "B"}}},
		},
		{
			name: "bare LF and stray blank lines", in: "\n\r\nEvent: A\nX: 1\n\n\n\r\n\nEvent: B\n\n",
			want: [][][2]string{{kv{"Event", "A"}, kv{"X", "1"}}, {kv{"Event", "B"}}},
		},
		{
			name: "odd names", in: "Event: A\r\nChanVariable(PJSIP/x-1): a=b\r\n_: 1\r\nq: 2\r\nCause-txt: Normal\r\nChanVariable(IAX2/10.0.0.1:4569-7): c=d: e\r\n\r\n",
			want: [][][2]string{{
				kv{"Event", "A"},
				kv{"ChanVariable(PJSIP/x-1)", "a=b"},
				kv{"_", "1"},
				kv{"q", "2"},
				kv{"Cause-txt", "Normal"},
				kv{"ChanVariable(IAX2/10.0.0.1:4569-7)", "c=d: e"},
			}},
		},
		{
			name: "values", in: "Event: A\r\nEmpty: \r\nNothing:\r\nTight:x\r\nColon: a:b: c\r\nSpaces:   x  \r\nno colon\r\n\r\n",
			want: [][][2]string{{
				kv{"Event", "A"}, kv{"Empty", ""}, kv{"Nothing", ""}, kv{"Tight", "x"}, kv{"Colon", "a:b: c"}, kv{"Spaces", "  x  "}, kv{"", "no colon"},
			}},
		},
		{
			name: "not UTF-8", in: "Event: A\r\nName: J\xfcrg \x00\xff\r\n\r\n",
			want: [][][2]string{{kv{"Event", "A"}, kv{"Name", "J\xfcrg \x00\xff"}}},
		},
		{
			name: "repeated", in: "Response: Success\r\nOutput: a\r\nOutput: \r\nOutput: b\r\n\r\n",
			want: [][][2]string{{kv{"Response", "Success"}, kv{"Output", "a"}, kv{"Output", ""}, kv{"Output", "b"}}},
		},
		{
			name: "cut within a line", in: "Event: A\r\nX: 1", err: io.ErrUnexpectedEOF,
		},
		{
			name: "cut between lines", in: "Event: A\r\n\r\nEvent: B\r\n", err: io.ErrUnexpectedEOF,
			want: [][][2]string{{kv{"Event", "A"}}},
		},
		{
			name: "escapes of a snapshot",
			in: "Event: X\r\nChannelStateDesc: Up\r\nCallerIDNum: a\\tb\r\nCallerIDName: O\\'Brien \\\"x\\\" \\? \\\\n \\r\\n\\z\\\r\nConnectedLineName: \\t\r\n" +
				"AccountCode: a\\'b\r\nChanVariable: v=\\'\r\nDestCallerIDName: \\'\r\nDestChannelStateDesc: Up\r\nDestCallerIDName: \\'\r\n\r\n",
			want: [][][2]string{{
				kv{"Event", "X"},
				kv{"ChannelStateDesc", "Up"},
				kv{"CallerIDNum", "a\\tb"},
				kv{"CallerIDName", "O'Brien \"x\" ? \\n \r\n\\z\\"},
				kv{"ConnectedLineName", "\t"},
				kv{"AccountCode", "a\\'b"},
				kv{"ChanVariable", "v='"},
				kv{"DestCallerIDName", "\\'"},
				kv{"DestChannelStateDesc", "Up"},
				kv{"DestCallerIDName", "'"},
			}},
		},
		{
			name: "escapes of VarSet", in: "Event: VarSet\r\nVariable: a\\'\r\nValue: it\\'s\r\n\r\nEvent: Other\r\nValue: it\\'s\r\n\r\n",
			want: [][][2]string{{kv{"Event", "VarSet"}, kv{"Variable", "a\\'"}, kv{"Value", "it's"}}, {kv{"Event", "Other"}, kv{"Value", "it\\'s"}}},
		},
		{
			name: "no escapes outside snapshots",
			in:   "Event: QueueEntry\r\nCallerIDName: a\\'b\r\n\r\nResponse: Success\r\nChannelStateDesc: Up\r\nCallerIDName: a\\'b\r\n\r\nEvent: Y\r\nChannelStateDesc: Up\r\nChanVariable(SIP/x): v=\\'\r\n\r\n",
			want: [][][2]string{
				{kv{"Event", "QueueEntry"}, kv{"CallerIDName", "a\\'b"}},
				{kv{"Response", "Success"}, kv{"ChannelStateDesc", "Up"}, kv{"CallerIDName", "a\\'b"}},
				{kv{"Event", "Y"}, kv{"ChannelStateDesc", "Up"}, kv{"ChanVariable(SIP/x)", "v=\\'"}},
			},
		},
		{
			name: "old command output",
			in:   "Response: Follows\r\nPrivilege: Command\r\nActionID: 7\r\nName: x\nPrivilege: no header\n\n  two\n--END COMMAND--\r\n\r\nEvent: A\r\n\r\n",
			want: [][][2]string{
				{
					kv{"Response", "Follows"},
					kv{"Privilege", "Command"},
					kv{"ActionID", "7"},
					kv{"Output", "Name: x"},
					kv{"Output", "Privilege: no header"},
					kv{"Output", ""},
					kv{"Output", "  two"},
				},
				{kv{"Event", "A"}},
			},
		},
		{
			name: "old command output without a last line end",
			in:   "Response: Follows\r\nActionID: 7\r\nlast--END COMMAND--\r\n\r\nResponse: Follows\r\nActionID: 8\r\n--END COMMAND--\r\n\r\n",
			want: [][][2]string{
				{kv{"Response", "Follows"}, kv{"ActionID", "7"}, kv{"Output", "last"}},
				{kv{"Response", "Follows"}, kv{"ActionID", "8"}},
			},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			wantErr := test.err
			if wantErr == nil {
				wantErr = io.EOF
			}
			for name, r := range map[string]io.Reader{
				"at once":      strings.NewReader(test.in),
				"byte by byte": iotest.OneByteReader(strings.NewReader(test.in)),
				"with EOF":     iotest.DataErrReader(strings.NewReader(test.in)),
			} {
				got, err := readAll(r)
				if err != wantErr {
					t.Errorf("%s: error %v, want %v", name, err, wantErr)
				}
				if diff := cmp.Diff(got, test.want); diff != "" {
					t.Errorf("%s: got -, want +\n%s", name, diff)
				}
			}
		})
	}
}

// TestReadSplit reads a real stream, each of its messages split in two at every byte.
func TestReadSplit(t *testing.T) {
	stream, err := os.ReadFile("testdata/stream.ami")
	if err != nil {
		t.Fatal(err)
	}
	banner, rest, _ := bytes.Cut(stream, []byte("\r\n"))
	if got, err := ami.NewReader(bytes.NewReader(stream)).ReadBanner(); got != string(banner) || err != nil {
		t.Fatalf("banner %q, %v", got, err)
	}
	parts := bytes.SplitAfter(rest, []byte("\r\n\r\n"))
	for i := range len(parts) - 1 {
		part := append(bytes.Clone(parts[i]), parts[i+1]...)
		want, err := readAll(bytes.NewReader(part))
		if err != io.EOF {
			t.Fatal(err)
		}
		for at := range len(parts[i]) + 1 {
			got, err := readAll(io.MultiReader(bytes.NewReader(part[:at]), bytes.NewReader(part[at:])))
			if err != io.EOF || !slices.EqualFunc(got, want, slices.Equal) {
				t.Fatalf("message %d split at byte %d: %v, got -, want +\n%s", i, at, err, cmp.Diff(got, want))
			}
		}
	}
}

// TestReadLongMessage reads messages larger than the reader's memory, and what comes
// behind them.
func TestReadLongMessage(t *testing.T) {
	var in strings.Builder
	var want [][][2]string
	for _, odd := range []string{"", "Tight:x\r\n"} {
		in.WriteString("Response: Success\r\n" + odd)
		long := [][2]string{{"Response", "Success"}}
		if odd != "" {
			long = append(long, kv{"Tight", "x"})
		}
		for i := range 3000 {
			line := strings.Repeat(string(rune('a'+i%26)), i%100)
			in.WriteString("Output: " + line + "\r\n")
			long = append(long, kv{"Output", line})
		}
		line := strings.Repeat("x", 200_000)
		in.WriteString("Output: " + line + "\r\nLast: 1\r\n\r\nEvent: A\r\n\r\n")
		want = append(want, append(long, kv{"Output", line}, kv{"Last", "1"}), [][2]string{{"Event", "A"}})
	}
	for name, r := range map[string]io.Reader{
		"at once":    strings.NewReader(in.String()),
		"half reads": iotest.HalfReader(strings.NewReader(in.String())),
	} {
		got, err := readAll(r)
		if err != io.EOF || !slices.EqualFunc(got, want, slices.Equal) {
			t.Errorf("%s: %d messages, %v", name, len(got), err)
		}
	}
}

func TestReadBannerOfSomethingElse(t *testing.T) {
	_, err := ami.NewReader(strings.NewReader("SSH-2.0-OpenSSH\r\n")).ReadBanner()
	if err == nil || !strings.Contains(err.Error(), "SSH-2.0") {
		t.Errorf("error %v", err)
	}
}

// endless is a message of long lines that never ends.
type endless struct{}

func (endless) Read(p []byte) (int, error) {
	clear(p)
	p[len(p)-1] = '\n'
	return len(p), nil
}

func TestReadTooLong(t *testing.T) {
	if _, err := ami.NewReader(endless{}).ReadMessage(); !errors.Is(err, ami.ErrMessageTooLong) {
		t.Errorf("error %v, want ErrMessageTooLong", err)
	}
}

func TestMessage(t *testing.T) {
	m := ami.NewMessage("Event", "A", "X", "1", "x", "2", "Odd")
	if got := m.Get("EVENT"); got != "A" {
		t.Errorf("Get is not blind to case: %q", got)
	}
	if got, want := m.Values("X"), []string{"1", "2"}; !cmp.Equal(got, want) {
		t.Errorf("Values %q, want %q", got, want)
	}
	if v, ok := m.Lookup("odd"); v != "" || !ok {
		t.Errorf("Lookup of an empty value: %q, %v", v, ok)
	}
	if v, ok := m.Lookup("none"); v != "" || ok {
		t.Errorf("Lookup of a missing name: %q, %v", v, ok)
	}
	if got, want := m.String(), "Event: A\nX: 1\nx: 2\nOdd: \n"; got != want {
		t.Errorf("String %q, want %q", got, want)
	}
	if got := m.At(2); got != (ami.Field{Name: "x", Value: "2"}) {
		t.Errorf("At(2) %v", got)
	}
	var zero ami.Message
	if zero.Get("X") != "" || zero.Len() != 0 || zero.String() != "" {
		t.Error("the zero Message is not empty")
	}
}
