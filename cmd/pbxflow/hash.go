package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"

	settings "github.com/pbxflow/pbxflow/internal/app"
)

// hashCommand makes what an app holds in place of a PIN.
type hashCommand struct{}

// Help explains the command.
func (hashCommand) Help() string {
	return `Reads a PIN from the terminal, where it is not shown, or else the first line of
the standard input, and prints its hash for the section people of an app:

  people:
    meier: { pin: <the hash> }`
}

// Run makes the hash of what is typed.
func (c hashCommand) Run(out output, prompts errorOutput) error { return c.run(os.Stdin, out, prompts) }

func (hashCommand) run(in io.Reader, out, prompts io.Writer) error {
	pin, err := readPIN(in, prompts)
	if err != nil {
		return err
	}
	hash, err := settings.HashPIN(pin)
	if err != nil {
		return err
	}
	fmt.Fprintln(out, hash)
	return nil
}

// readPIN reads a PIN without showing it, twice when somebody types it.
func readPIN(in io.Reader, prompts io.Writer) (string, error) {
	file, ok := in.(*os.File)
	if !ok || !term.IsTerminal(int(file.Fd())) {
		line, err := bufio.NewReader(in).ReadString('\n')
		if err != nil && (!errors.Is(err, io.EOF) || line == "") {
			return "", errors.New("there is no PIN on the standard input")
		}
		return strings.TrimRight(line, "\r\n"), nil
	}
	ask := func(prompt string) (string, error) {
		fmt.Fprint(prompts, prompt)
		typed, err := term.ReadPassword(int(file.Fd()))
		fmt.Fprintln(prompts)
		return string(typed), err
	}
	pin, err := ask("PIN: ")
	if err != nil {
		return "", err
	}
	again, err := ask("once more: ")
	if err == nil && again != pin {
		err = errors.New("these are two different PINs")
	}
	return pin, err
}
