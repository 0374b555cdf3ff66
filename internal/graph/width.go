package graph

import "unicode"

// wide are the letters that take twice the width of others: those of East Asia, and
// pictures.
var wide = []*unicode.RangeTable{
	unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul,
	{
		R16: []unicode.Range16{{0x3000, 0x303f, 1}, {0xff01, 0xff60, 1}},
		R32: []unicode.Range32{{0x1f300, 0x1faff, 1}},
	},
}

// narrow are letters of those scripts that are as wide as others.
var narrow = &unicode.RangeTable{R16: []unicode.Range16{{0xff61, 0xffdc, 1}}}

// cells is how wide a text is, in letters of usual width.
func cells(text string) int {
	n := 0
	for _, r := range text {
		switch {
		case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf): // upon another letter, or unseen
		case unicode.In(r, wide...) && !unicode.Is(narrow, r):
			n += 2
		default:
			n++
		}
	}
	return n
}
