package amitest

import "strings"

// Version is what differs between versions of Asterisk. The zero value is Asterisk22.
type Version struct {
	// AMI is the version of the manager in the greeting.
	AMI string
	// OldOutput answers Command with bare lines and --END COMMAND--, not with Output.
	OldOutput bool
	// NoCriteria makes Filter know only regular expressions, not MatchCriteria.
	NoCriteria bool
}

// Versions to play.
var (
	Asterisk13 = Version{AMI: "2.10", OldOutput: true, NoCriteria: true}
	Asterisk16 = Version{AMI: "5.0.4", NoCriteria: true}
	Asterisk22 = Version{AMI: "11.0.0"}
)

func (v Version) banner() string {
	if v.AMI == "" {
		v.AMI = Asterisk22.AMI
	}
	return "Asterisk Call Manager/" + v.AMI + "\r\n"
}

// AnswerCommand lays down what the Command action answers for a command of the
// console: its output, in the form of the server's Version. "core show settings" and
// "core show threads" are answered anyway.
func (s *Server) AnswerCommand(command, output string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.commands[strings.TrimSpace(command)] = output
}

func (s *Server) command(command string) [][]string {
	command = strings.TrimSpace(command)
	s.mu.Lock()
	output, known := s.commands[command]
	s.mu.Unlock()
	switch {
	case command == "":
		return failure("No command provided")
	case !known:
		output = "No such command '" + command + "' (type 'core show help " + command + "' for other possible commands)"
	}
	lines := strings.Split(strings.TrimSuffix(output, "\n"), "\n")
	if s.Version.OldOutput {
		pairs := []string{"Response", "Follows", "Privilege", "Command"}
		for _, line := range append(lines, "--END COMMAND--") {
			pairs = append(pairs, "", line)
		}
		return one(pairs...)
	}
	pairs := []string{"Response", "Success", "Message", "Command output follows"}
	if !known {
		pairs[1] = "Error"
	}
	for _, line := range lines {
		pairs = append(pairs, "Output", line)
	}
	return one(pairs...)
}
