package agi

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// The SPEECH commands need a speech engine, a module such as res_speech_aeap with an
// engine configured. A session has at most one speech object: SpeechCreate makes it,
// SpeechDestroy or the end of the session removes it. Asterisk answers with a bare
// result of 0 to whatever the object or its engine cannot do, and to everything when
// there is no object; the error then is an [*Error] with code 200.

// SpeechCreate makes the speech object, with the engine of that name or, when engine
// is "", Asterisk's default one. The error is an [*Error] with code 200 when there is
// no such engine, or an object already.
func (s *Session) SpeechCreate(ctx context.Context, engine string) error {
	return s.speech(ctx, "SPEECH CREATE", engine)
}

// SpeechSet sets a setting of the engine. The names and values are the engine's own;
// Asterisk does not tell whether the engine took them.
func (s *Session) SpeechSet(ctx context.Context, name, value string) error {
	return s.speech(ctx, "SPEECH SET", name, value)
}

// SpeechLoadGrammar loads a grammar from a path that the engine understands, and
// gives it a name.
func (s *Session) SpeechLoadGrammar(ctx context.Context, name, path string) error {
	return s.speech(ctx, "SPEECH LOAD GRAMMAR", name, path)
}

// SpeechUnloadGrammar unloads a grammar. It works after a hangup.
func (s *Session) SpeechUnloadGrammar(ctx context.Context, name string) error {
	return s.speech(ctx, "SPEECH UNLOAD GRAMMAR", name)
}

// SpeechActivateGrammar makes SpeechRecognize listen for what a loaded grammar says.
func (s *Session) SpeechActivateGrammar(ctx context.Context, name string) error {
	return s.speech(ctx, "SPEECH ACTIVATE GRAMMAR", name)
}

// SpeechDeactivateGrammar ends what SpeechActivateGrammar began.
func (s *Session) SpeechDeactivateGrammar(ctx context.Context, name string) error {
	return s.speech(ctx, "SPEECH DEACTIVATE GRAMMAR", name)
}

// SpeechDestroy removes the speech object. It works after a hangup.
func (s *Session) SpeechDestroy(ctx context.Context) error {
	return s.speech(ctx, "SPEECH DESTROY")
}

// Recognition tells how SpeechRecognize ended: with results, a key or neither.
type Recognition struct {
	Results []SpeechResult // what was understood, as the engine orders it
	Digit   string         // the key that the caller pressed, "" if none
	Timeout bool           // whether the time ended it
	EndPos  int64          // where the prompt stopped because the caller spoke, in samples; 0 otherwise
}

// SpeechResult is one thing that the caller may have said.
type SpeechResult struct {
	Score   int    // how sure the engine is, from 0 to 1000 with most engines
	Text    string // what was said
	Grammar string // the grammar that matched, "" with engines that have none
}

// SpeechRecognize plays a sound file from an offset in samples and listens to the
// caller, until the engine has results, the caller presses a key, or the time after
// the end of the prompt is over. The timeout is in whole seconds, rounded up; 0 or
// less means none.
//
// The error is [ErrHangup] when the caller hung up, and an [*Error] with code 200 when
// there is no speech object. A prompt that does not exist is left out without an
// error. Asterisk cannot be made to stop listening when ctx ends.
func (s *Session) SpeechRecognize(ctx context.Context, prompt string, timeout time.Duration, offset int64) (Recognition, error) {
	const command = "SPEECH RECOGNIZE"
	args := []string{prompt, seconds(max(timeout, 0))}
	if offset > 0 {
		args = append(args, strconv.FormatInt(offset, 10))
	}
	r, err := s.Do(ctx, command, args...)
	if err != nil {
		return Recognition{}, err
	}
	if r.Result != "1" {
		return Recognition{}, &Error{Code: r.Code, Command: command, Text: r.Text}
	}
	if r.Data == "hangup" {
		return Recognition{EndPos: r.EndPos}, s.whyFailed(ctx, command, &r)
	}
	return parseRecognition(r.Text)
}

// parseRecognition reads the forms
//
//	result=1 (speech) endpos=S results=N score0=… text0="…" grammar0=… score1=…
//	result=1 (digit) digit=D endpos=S
//	result=1 (timeout) endpos=S
//
// Texts are not escaped, so one is taken to end where its grammar begins.
func parseRecognition(text string) (rec Recognition, err error) {
	bad := func() (Recognition, error) {
		return Recognition{}, fmt.Errorf("agi: speech result %q is not understood", text)
	}
	reason, rest, _ := strings.Cut(strings.TrimPrefix(text, "result=1 ("), ") ")
	if reason == "digit" {
		rec.Digit, rest, _ = strings.Cut(strings.TrimPrefix(rest, "digit="), " ")
	}
	rec.Timeout = reason == "timeout"
	pos, rest, _ := strings.Cut(strings.TrimPrefix(rest, "endpos="), " ")
	if rec.EndPos, err = strconv.ParseInt(pos, 10, 64); err != nil {
		return bad()
	}
	if reason != "speech" {
		return rec, nil
	}
	_, rest, _ = strings.Cut(rest, " ") // results=N
	for i := 0; rest != ""; i++ {
		head, after, ok := strings.Cut(rest, fmt.Sprintf(` text%d="`, i))
		said, after, ok2 := strings.Cut(after, fmt.Sprintf(`" grammar%d=`, i))
		score, err := strconv.Atoi(strings.TrimPrefix(head, fmt.Sprintf("score%d=", i)))
		if !ok || !ok2 || err != nil {
			return bad()
		}
		next := fmt.Sprintf(" score%d=", i+1)
		grammar, more, found := strings.Cut(after, next)
		if grammar == "(null)" {
			grammar = "" // Asterisk prints what is not there, for engines without grammars
		}
		rec.Results = append(rec.Results, SpeechResult{Score: score, Text: said, Grammar: grammar})
		rest = ""
		if found {
			rest = next[1:] + more
		}
	}
	return rec, nil
}

// speech runs a command whose result is 1 when it worked.
func (s *Session) speech(ctx context.Context, command string, args ...string) error {
	r, err := s.Do(ctx, command, args...)
	if err == nil && r.Result != "1" {
		err = &Error{Code: r.Code, Command: command, Text: r.Text}
	}
	return err
}
