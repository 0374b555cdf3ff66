package asterisktest

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestRealSIPp(t *testing.T) {
	Each(t, func(t *testing.T, v Version, start func(Config) *Instance) {
		pbx := start(Config{Dialplan: `
[from-carrier]
exten => menu,1,Answer()
 same => n,Read(KEYS,,4,,1,5)
 same => n,Set(DB(test/menu)=${CALLERID(num)} ${KEYS})
 same => n,Wait(20)
exten => short,1,Answer()
 same => n,Wait(0.3)
 same => n,Hangup()
exten => busy,1,Hangup(17)
exten => ring,1,Ringing()
 same => n,Wait(20)
exten => listen,1,Answer()
 same => n,Record(heard.wav,,1)
[from-phone]
exten => short,1,Hangup(21)
`})
		tests := []struct {
			name         string
			call         SIPCall
			wantStatus   int
			wantHungUpBy string
			wantKeys     string
		}{
			{"digits as events", SIPCall{Caller: "5550123", Exten: "menu", Digits: "12*#", Hold: 500 * time.Millisecond}, 200, "caller", "5550123 12*"},
			{"digits by INFO", SIPCall{Exten: "menu", Digits: "0789", DigitsInfo: true}, 200, "caller", "5550100 0789"},
			{"Asterisk hangs up", SIPCall{Exten: "short", Hold: 20 * time.Second}, 200, "asterisk", ""},
			{"busy", SIPCall{Exten: "busy"}, 486, "", ""},
			{"unknown", SIPCall{Exten: "nobody"}, 404, "", ""},
			{"cancelled", SIPCall{Exten: "ring", CancelAfter: 300 * time.Millisecond}, 487, "", ""},
			{"the phone", SIPCall{Caller: "phone", Exten: "short"}, 403, "", ""},
			{"audio", SIPCall{Exten: "listen", Audio: tone(8000), Hold: 5 * time.Second}, 200, "asterisk", ""},
		}
		for _, tt := range tests {
			res, err := pbx.SIPp(t.Context(), tt.call)
			if err != nil {
				t.Errorf("%s: %v", tt.name, err)
				continue
			}
			if res.Status != tt.wantStatus || res.HungUpBy != tt.wantHungUpBy {
				t.Errorf("%s: got %d, hung up by %q; want %d, %q\n%s", tt.name, res.Status, res.HungUpBy, tt.wantStatus, tt.wantHungUpBy, res.Messages)
			}
			if tt.wantKeys == "" {
				continue
			}
			out, err := pbx.Console(t.Context(), "database get test menu")
			if got := strings.TrimSpace(out); err != nil || got != "Value: "+tt.wantKeys {
				t.Errorf("%s: got caller and keys %q, %v; want %q", tt.name, got, err, tt.wantKeys)
			}
		}
		heard, err := os.ReadFile(filepath.Join(pbx.SoundsDir, "heard.wav"))
		if err != nil || !isLoud(heard) {
			t.Errorf("Asterisk did not hear the audio: %d bytes, %v", len(heard), err)
		}
	})
}

// isLoud says whether a WAV file of 16-bit samples has more than noise in it.
func isLoud(wav []byte) bool {
	for i := 44; i+1 < len(wav); i += 2 {
		if int16(binary.LittleEndian.Uint16(wav[i:])) > 8000 {
			return true
		}
	}
	return false
}
