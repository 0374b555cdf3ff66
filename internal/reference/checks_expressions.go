package reference

var expressionChecks = []Check{
	{
		ID:      "arguments",
		Means:   "A function gets more or fewer values than it wants.",
		Do:      "See what the list of functions says of it.",
		Example: "flows:\n  main:\n    - log: ${upper(call.dialed, call.channel)}",
	},
	{
		ID:    "expression",
		Means: "An expression cannot be understood.",
		Do:    "See what the message says; the list of functions has examples.",
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
		Means:   "Text that a caller or another machine chose stands where it could do harm: in what is dialled, in the host of a web address, in the path of a sound, for example.",
		Do:      "Show its form first: ask with `digits:`, or run the step only `when:` it matches a pattern with `^` and `$`.",
		Example: "flows:\n  main:\n    - dial: PJSIP/${call.caller.num}@carrier\n      on: { else: hangup }",
	},
	{
		ID: "expression-text", Warning: true,
		Means:   "A text looks like an expression, but is none.",
		Do:      "Write `${…}` around it.",
		Example: "flows:\n  main:\n    - log: $call.dialed",
	},
	{
		ID: "dialplan-pattern", Warning: true,
		Means:   "`matches` is given a pattern of the dialplan, and wants a regular expression.",
		Do:      "Write it as the message says.",
		Example: "flows:\n  main:\n    - if: call.dialed matches \"_0X.\"\n      then: answer",
	},
	{
		ID: "text-order", Warning: true,
		Means:   "Two texts are compared by `<` or `>`, letter by letter: `\"10\"` comes before `\"9\"`.",
		Do:      "Make numbers of them: `int(…)`.",
		Example: "rules:\n  late:\n    on: QueueCallerAbandon\n    where: event.Position > \"3\"\n    do: { log: late }",
	},
	{
		ID: "fractions", Warning: true,
		Means:   "Numbers with a fraction are compared by `==` or `!=`: a last digit that nobody sees decides. A whole number beside is all right.",
		Do:      "Compare with `<`, `<=`, `>` or `>=`.",
		Example: "queues: { support: {} }\nflows:\n  main:\n    - if: queues.support.answered_within(\"20s\", \"1h\") == 0.8\n      then: { log: exactly }",
	},
	{
		ID: "same-twice", Warning: true,
		Means:   "The same stands on both sides of `and`, `or` or a comparison.",
		Do:      "Remove one of them.",
		Example: "flows:\n  main:\n    - if: call.dialed == \"1\" or call.dialed == \"1\"\n      then: answer",
	},
}
