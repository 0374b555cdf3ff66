package reference

var expressionChecks = []Check{
	{
		ID:      "expression",
		Means:   "An expression cannot be understood.",
		Do:      "See what the message says; the list of functions has examples.",
		Example: "flows:\n  main:\n    - log: ${call.dialed()}",
	},
	{
		ID:      "expression-syntax",
		Means:   "An expression ends too early, has open quotes, or has a character that means nothing there.",
		Do:      "Compare with `==`, and write `and`, `or` and `not`.",
		Example: "flows:\n  main:\n    - play: welcome\n      when: call.dialed = \"1\"",
	},
	{
		ID:      "expression-slot",
		Means:   "`${…}` stands in a condition, which is an expression already.",
		Do:      "Write the expression alone.",
		Example: "flows:\n  main:\n    - play: welcome\n      when: ${call.dialed == \"1\"}",
	},
	{
		ID:      "empty-expression",
		Means:   "A condition is empty.",
		Do:      "Write one, or remove the key.",
		Example: "flows:\n  main:\n    - play: welcome\n      when:",
	},
	{
		ID:      "expression-cost",
		Means:   "An expression is so long, or goes through lists within lists so often, that it could hold up the server.",
		Do:      "Split it by `set`.",
		Example: "flows:\n  main:\n    - log: \"${any(call.args, any(call.args, any(call.args, # != '')))}\"",
	},
	{
		ID:      "type-mismatch",
		Means:   "Two values are compared or computed that do not go together, such as text and a number.",
		Do:      "Digits are text: put numbers in quotes beside them. A duration stands in quotes with its unit, as `\"30s\"`.",
		Example: "flows:\n  main:\n    - play: welcome\n      when: call.dialed == 100",
	},
	{
		ID:      "bad-pattern",
		Means:   "What stands behind `matches` is not a regular expression.",
		Do:      "Mind brackets, and a leading `+` or `*`.",
		Example: "flows:\n  main:\n    - play: welcome\n      when: call.dialed matches \"+41\"",
	},
	{
		ID:      "maybe-unset",
		Means:   "A name has no value here on some way: the step that sets it may be skipped, fail, or stand in a branch.",
		Do:      "Read it with `?.`, and say behind `??` what to take instead.",
		Example: "flows:\n  main:\n    - http: https://crm.example/\n      as: crm\n      on_error: continue\n    - log: ${crm.body}",
	},
	{
		ID: "constant-condition", Warning: true,
		Means:   "A condition is always true or always false.",
		Do:      "Remove it, or compare with a name.",
		Example: "flows:\n  main:\n    - play: welcome\n      when: 1 == 1",
	},
	{
		ID: "impossible-value", Warning: true,
		Means:   "A value is compared with a text that it never is.",
		Do:      "Take one of those in the message. Where your Asterisk does say this, silence the warning.",
		Example: "rules:\n  busy:\n    on: DialEnd\n    where: event.DialStatus == \"NO ANSWER\"\n    do: { log: nobody there }",
	},
	{
		ID:      "untrusted",
		Means:   "Text that a caller or another machine chose stands where it could do harm: in what is dialled, for example.",
		Do:      "Show its form first: ask with `digits:`, or run the step only `when:` it matches a pattern with `^` and `$`.",
		Example: "flows:\n  main:\n    - dial: PJSIP/${call.caller.num}@carrier\n      on: { else: hangup }",
	},
}
