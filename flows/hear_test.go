package flows_test

import (
	"encoding/binary"
	"errors"
	"io/fs"
	"math"
	"os"
	"slices"
	"strings"
	"time"
)

// A choir is sounds that can be told from each other when they are heard: each is
// a tone of a frequency of its own.
type choir []string

const (
	rate      = 8000
	lowest    = 425.0 // Hz
	interval  = 50.0
	frame     = 400 // samples: 50 ms
	noteTime  = 400 * time.Millisecond
	pauseTime = 200 * time.Millisecond
)

// tone returns the frequency of a sound.
func (c choir) tone(name string) float64 { return lowest + interval*float64(slices.Index(c, name)) }

// files are the sounds as files for Asterisk, each a note and a pause.
func (c choir) files() map[string][]byte {
	files := map[string][]byte{}
	for _, name := range c {
		files[name+".ulaw"] = append(c.note(name, noteTime), mulaw(make([]float64, samples(pauseTime)))...)
	}
	return files
}

// note is a sound for some time.
func (c choir) note(name string, d time.Duration) []byte {
	wave := make([]float64, samples(d))
	for i := range wave {
		wave[i] = 0.5 * math.Sin(2*math.Pi*c.tone(name)*float64(i)/rate)
	}
	return mulaw(wave)
}

func samples(d time.Duration) int { return int(d.Seconds() * rate) }

// heard names the sounds of a recording, one after another, with spaces between. What
// is no sound of the choir is a question mark. A gap that is shorter than a pause is one
// that a busy machine made.
func (c choir) heard(wave []float64) string {
	var names []string
	const some = 3 // frames; one at the edge of two sounds may look like anything
	last, since := "", 0
	run, held := "", 0
	for at := 0; at+frame <= len(wave); at += frame {
		name := c.name(wave[at : at+frame])
		if name != run {
			run, held = name, 0
		}
		held++
		if name == last && since < some {
			since = 0
			continue
		}
		since++
		if held == some && name != "" {
			names = append(names, name)
			last, since = name, 0
		}
	}
	return strings.Join(names, " ")
}

// name names the sound of a frame; "" is silence.
func (c choir) name(wave []float64) string {
	total := 0.0
	for _, s := range wave {
		total += s * s
	}
	if total/float64(len(wave)) < 0.0005 {
		return ""
	}
	best, strongest := "?", 0.3
	for _, name := range c {
		if share := power(wave, c.tone(name)) / total; share > strongest {
			best, strongest = name, share
		}
	}
	return best
}

// power is how much of the energy is at a frequency: all of it gives the total.
func power(wave []float64, frequency float64) float64 {
	var re, im float64
	for i, s := range wave {
		sin, cos := math.Sincos(2 * math.Pi * frequency * float64(i) / rate)
		re, im = re+s*cos, im+s*sin
	}
	return (re*re + im*im) * 2 / float64(len(wave))
}

// readWAV returns the samples of a recording, from -1 to 1, and whether it is complete:
// Asterisk writes into its beginning how much there is when it is. There are no samples
// when there is no file, because nothing came.
func readWAV(name string) (wave []float64, whole bool, err error) {
	data, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, true, nil
	} else if err != nil {
		return nil, false, err
	}
	const header = 44
	if len(data) < header {
		return nil, false, nil
	}
	for i := header; i+1 < len(data); i += 2 {
		wave = append(wave, float64(int16(binary.LittleEndian.Uint16(data[i:])))/32768)
	}
	return wave, int(binary.LittleEndian.Uint32(data[header-4:])) == len(data)-header, nil
}

// mulaw encodes samples as G.711 µ-law.
func mulaw(wave []float64) []byte {
	coded := make([]byte, len(wave))
	for i, s := range wave {
		const mu = 255
		level := math.Log1p(mu*math.Abs(s)) / math.Log1p(mu)
		b := byte(math.Round(level * 127))
		if s >= 0 {
			b |= 0x80
		}
		coded[i] = b ^ 0x7f
	}
	return coded
}
