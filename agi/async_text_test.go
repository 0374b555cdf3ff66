package agi

import (
	"slices"
	"testing"
)

func TestAsyncResult(t *testing.T) {
	tests := []struct{ encoded, want string }{
		{"200%20result%3D1%0A", "200 result=1\n"},
		{"200%20result%3D1%20%28a+b%29%0A", "200 result=1 (a+b)\n"},
		{"100%20result%3D0%20Trying...%0A200%20result%3D0%20Gosub%20complete%0A", "100 result=0 Trying...\n200 result=0 Gosub complete\n"},
		{"520-Usage%0Aof", "520-Usage\nof\n520 End of proper usage.\n"}, // cut
		{"200%20result%3D1%20%28abc", "200 result=1 (abc)\n"},           // cut
		{"200%20result%3D1%20%28abc%2", "200 result=1 (abc)\n"},         // cut within an escape
		{"200%20result%3D1%20%28abc%0A", "200 result=1 (abc)\n"},        // cut within the value
		{"200%20result%3D1%20%28a%0Ab%29%0A", "200 result=1 (a\nb)\n"},
		{"520-Usage%0A520%20End%20of%20proper%20usage.%0A", "520-Usage\n520 End of proper usage.\n"},
		{"200 result=1 %zz", "200 result=1 %zz\n"}, // no escape
		{"", "200 result=-1\n"},
	}
	for _, test := range tests {
		if got := string(asyncResult(test.encoded)); got != test.want {
			t.Errorf("%q: got %q, want %q", test.encoded, got, test.want)
		}
	}
}

// FuzzAsyncResult: whatever the manager says, the reader gets whole lines.
func FuzzAsyncResult(f *testing.F) {
	f.Add("200%20result%3D1%20%28abc%2")
	f.Add("520-Usage%0Aof")
	f.Fuzz(func(t *testing.T, encoded string) {
		text := asyncResult(encoded)
		if text[len(text)-1] != '\n' {
			t.Errorf("%q: got %q, want a newline at the end", encoded, text)
		}
	})
}

func TestAppArgs(t *testing.T) {
	tests := []struct {
		data string
		want []string
	}{
		{"", nil},
		{"agi:async", []string{"agi:async"}},
		{`a,"b, c",f(o,u)r,g\,h,[i,j]`, []string{"a", "b, c", "f(o,u)r", "g,h", "[i,j]"}},
		{"a,,b", []string{"a", "", "b"}},
		{"a,", []string{"a"}},
		{`a,b\`, []string{"a", `b\`}},
		{`a,")",(,b`, []string{"a", ")", "(,b"}},
	}
	for _, test := range tests {
		if got := appArgs(test.data); !slices.Equal(got, test.want) {
			t.Errorf("%s: got %q, want %q", test.data, got, test.want)
		}
	}
}
