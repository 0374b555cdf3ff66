package flows

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/crypto/bcrypt"

	"github.com/pbxflow/pbxflow/internal/lang"
)

// Person is somebody who signs in by a PIN.
type Person struct {
	PIN  pin      `yaml:"pin,required" doc:"The hash of the PIN, which pbxflow hash makes, or the PIN from the environment, such as ${env.PIN_MEIER}. It has at least 4 digits and is nobody else's."`
	Can  []string `yaml:"can" enum:"listen,whisper,barge,recordings" doc:"What the person may do: listen in on calls, whisper to agents, barge into calls, hear recordings."`
	Over []string `yaml:"over" doc:"Over whom: names of queues, and extensions."`
}

// PersonInfo is what expressions read of a person.
type PersonInfo struct {
	Name string   `expr:"name" doc:"the name under people"`
	Can  []string `expr:"can" doc:"what the person may do"`
	Over []string `expr:"over" doc:"the queues and extensions over which"`
}

var overExtension = regexp.MustCompile(`^[0-9*#+]+$`)

// CheckYAML reports what is neither a queue nor an extension.
func (p *Person) CheckYAML(d *lang.Decoder, n lang.Node) {
	over := n.Lookup("over")
	items := over.Items()
	if over.IsScalar() {
		items = []lang.Node{over}
	}
	for _, item := range items {
		if item.IsScalar() && !overExtension.MatchString(item.Value) {
			checkName(d, item.Pos(), "queue", item.Value, namesOf(d).Queues)
		}
	}
}

// ResolvePeople evaluates what only the running server knows: PINs from the environment.
// The errors are *[lang.EvalError], or tell what is wrong with a PIN and its place.
func ResolvePeople(people map[string]*Person, vars lang.Vars) []error {
	var errs []error
	owners := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(people)) {
		p := people[name]
		if err := p.PIN.resolve(vars); err != nil {
			errs = append(errs, err)
			continue
		}
		if other, taken := owners[string(p.PIN.digest)]; taken && p.PIN.digest != nil {
			errs = append(errs, fmt.Errorf("%s: %s and %s have the same PIN", p.PIN.written.Pos(), other, name))
		}
		owners[string(p.PIN.digest)] = name
	}
	return errs
}

// pin is a PIN as it is written, and as it is compared.
type pin struct {
	written lang.Value[string]

	hash   []byte // of bcrypt; nil for a PIN that came in clear
	digest []byte // of a PIN that came in clear
}

// shortestPIN is how many digits a PIN has at least.
const shortestPIN = 4

// costliest is the cost of a hash that still is compared within about a second.
const costliest = 14

var pinPattern = regexp.MustCompile(`^[0-9]+$`)

// DecodeYAML refuses a PIN that everybody can read.
func (p *pin) DecodeYAML(d *lang.Decoder, n lang.Node) {
	d.Decode(n, &p.written)
	text, literal := p.written.Constant()
	switch {
	case !literal:
	case text == "":
		d.Errorf(n, "missing-value", `"pin" is empty`).Hint("write its hash, which pbxflow hash makes, or ${env.NAME}")
	case !strings.HasPrefix(text, "$"):
		d.Errorf(n, "clear-pin", "a PIN in clear: everybody who sees this file can sign in").
			Hint("write its hash, which pbxflow hash makes, or ${env.NAME} and set NAME where the server is started")
	default:
		if err := checkHash(text); err != nil {
			d.Errorf(n, "bad-hash", "%v", err).Hint("make one with pbxflow hash")
		}
	}
}

// Schema describes a PIN.
func (p *pin) Schema(*lang.Schema) map[string]any {
	return map[string]any{"type": "string", "pattern": `^\$`}
}

// SchemaWords names it in the reference.
func (p *pin) SchemaWords() string { return "a hash, or text with ${env.NAME}" }

func checkHash(text string) error {
	cost, err := bcrypt.Cost([]byte(text))
	switch {
	case err != nil:
		return errors.New("this is no hash of a PIN")
	case cost > costliest:
		return fmt.Errorf("this hash has the cost %d: comparing it would keep callers waiting, the highest is %d", cost, costliest)
	}
	return nil
}

// pinKey keeps the digests of PINs from being found in the memory of another process.
var pinKey = func() []byte {
	key := make([]byte, sha256.Size)
	rand.Read(key) // never fails
	return key
}()

func digestOf(typed string) []byte {
	mac := hmac.New(sha256.New, pinKey)
	mac.Write([]byte(typed)) // never fails
	return mac.Sum(nil)
}

func (p *pin) resolve(vars lang.Vars) error {
	text, err := p.written.Get(vars)
	if err != nil {
		return err
	}
	p.hash, p.digest = nil, nil
	if strings.HasPrefix(text, "$") {
		if err := checkHash(text); err != nil {
			return fmt.Errorf("%s: %w", p.written.Pos(), err)
		}
		p.hash = []byte(text)
		return nil
	}
	if err := checkPIN(text); err != nil {
		return fmt.Errorf("%s: %w", p.written.Pos(), err)
	}
	p.digest = digestOf(text)
	return nil
}

// checkPIN returns what is wrong with a PIN, without telling it.
func checkPIN(text string) error {
	if !pinPattern.MatchString(text) {
		return errors.New("the PIN is not digits alone")
	}
	if len(text) < shortestPIN {
		return fmt.Errorf("the PIN has fewer than %d digits", shortestPIN)
	}
	if len(text) > longestPIN {
		return fmt.Errorf("the PIN has more than %d digits", longestPIN)
	}
	return nil
}

// longestPIN is how many digits are read; bcrypt would compare 72.
const longestPIN = 32

// is reports whether it is that PIN.
func (p *pin) is(typed string) bool {
	if p.hash != nil {
		return compareHash(p.hash, []byte(typed)) == nil
	}
	return hmac.Equal(p.digest, digestOf(typed))
}

// compareHash is hard work; a test counts how often it is done.
var compareHash = bcrypt.CompareHashAndPassword

// HashPIN returns the hash of a PIN as it is written under people. An error tells what
// is wrong with the PIN.
func HashPIN(typed string) (string, error) {
	if err := checkPIN(typed); err != nil {
		return "", err
	}
	hash, err := bcrypt.GenerateFromPassword([]byte(typed), bcrypt.DefaultCost)
	return string(hash), err
}

// people is what expressions read as people.
func (p *Program) people() map[string]any {
	infos := make(map[string]any, len(p.People))
	for name, person := range p.People {
		infos[name] = person.info(name)
	}
	return infos
}
