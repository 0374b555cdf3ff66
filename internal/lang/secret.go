package lang

import "regexp"

var (
	secretKey   = regexp.MustCompile(`(?i)^(?:secret|password|passwd|token|authorization|proxy-authorization|(?:x-)?(?:api|auth|access)[-_]?(?:key|token))$`)
	secretInURL = regexp.MustCompile(`(?i)^[a-z]+://[^/\s:@?]*:[^/\s@?]+@|[?&](?:api_?key|(?:access_?)?token|secret|password|passwd)=[^&\s]+`)
)

// checkSecret warns of a secret that is written down: under a key that holds one, or in
// a web address.
func (d *Decoder) checkSecret(n Node, parts []slot) {
	if len(parts) == 1 {
		if c, ok := parts[0].(constant); ok && c.value != "" && secretKey.MatchString(d.key) {
			d.warnSecret(n, d.what()+" is written down here")
			return
		}
	}
	for _, part := range parts {
		if c, ok := part.(constant); ok && secretInURL.MatchString(c.value.(string)) {
			d.warnSecret(n, "a secret stands in this address")
			return
		}
	}
}

func (d *Decoder) warnSecret(n Node, what string) {
	p := d.Warnf(n, "literal-secret", "%s: whoever reads the app reads it", what)
	if _, ok := d.Scope.Lookup("env"); ok {
		p.Hint("take it from the environment: ${env.NAME}")
		return
	}
	p.Hint("take it from a parameter that the dialplan gives, such as ${token}")
}
