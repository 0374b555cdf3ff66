package reference

var flowChecks = []Check{
	{
		ID:      "no-verb",
		Means:   "A step has no verb: it is empty, or a list.",
		Do:      "Begin it with a verb, such as `play: welcome`.",
		Example: "flows:\n  main:\n    - [answer, hangup]",
	},
	{
		ID:      "unknown-verb",
		Means:   "The first key of a step is no verb.",
		Do:      "Mind the spelling, and put the verb above its options.",
		Example: "flows:\n  main:\n    - plya: welcome",
	},
	{
		ID:      "unknown-outcome",
		Means:   "`on` names an outcome in which the verb never ends.",
		Do:      "Take one of those in the message, or `else` for all failures.",
		Example: "flows:\n  main:\n    - dial: PJSIP/101\n      on: { bussy: hangup }",
	},
	{
		ID: "uncovered-outcome", Warning: true,
		Means:   "A step ends in failure every day, and nothing says what to do then: the caller hears that something is wrong.",
		Do:      "Write `on: { else: … }`, or give the flow an `on_error`.",
		Example: "queues: { support: {} }\nflows:\n  main:\n    - queue: support",
	},
	{
		ID:      "no-result",
		Means:   "`as` is to keep the result of a step that has none.",
		Do:      "Remove `as`. A flow that is called has a result when it declares `returns`.",
		Example: "flows:\n  main:\n    - log: hello\n      as: line\n    - log: ${line}",
	},
	{
		ID: "unreachable", Warning: true,
		Means:   "Steps are never reached: the one above ends the call or goes elsewhere.",
		Do:      "Remove them, or give the one above a condition.",
		Example: "flows:\n  main:\n    - hangup\n    - play: goodbye",
	},
	{
		ID: "same-branches", Warning: true,
		Means:   "`then` and `else` do the same.",
		Do:      "Remove the condition, or correct one of them.",
		Example: "flows:\n  main:\n    - if: call.dialed == \"1\"\n      then: { play: welcome }\n      else: { play: welcome }",
	},
	{
		ID:      "needs-call",
		Means:   "A verb needs a call, and here is none: in a rule, or in steps that run at the same time.",
		Do:      "Use a verb that works without a call; the reference says which do.",
		Example: "rules:\n  missed:\n    on: call.ended\n    do: { play: sorry }",
	},
	{
		ID:      "media-after-hangup",
		Means:   "A verb needs the caller on the line, and in `on_hangup` and `finally` the caller may be gone.",
		Do:      "Move it to the flow's steps.",
		Example: "flows:\n  main:\n    steps: [answer]\n    on_hangup: { play: goodbye }",
	},
	{
		ID:      "bad-option",
		Means:   "A menu has an option that is no key of a telephone, or no option at all.",
		Do:      "Use 0-9, `*` and `#`, in quotes where YAML needs them.",
		Example: "flows:\n  main:\n    - menu: main\n      options: { x: hangup }\n      give_up: hangup",
	},
	{
		ID: "hidden-option", Warning: true,
		Means:   "An option of a menu is never chosen: another one is the beginning of its keys, and the menu does not wait for more.",
		Do:      "Leave out `between: 0s`, or change the keys.",
		Example: "flows:\n  main:\n    - menu: main\n      between: 0s\n      options: { 1: { play: one }, 12: { play: twelve } }\n      give_up: hangup",
	},
	{
		ID:      "bad-keys",
		Means:   "A key has two meanings: it ends the typing of which it is part, or does two things while a sound plays.",
		Do:      "Give each meaning a key of its own, such as `end: \"#\"`.",
		Example: "flows:\n  main:\n    - read: enter-number\n      digits: 4\n      end: \"1\"\n      as: typed\n      on: { else: hangup }\n    - log: ${typed.digits}",
	},
	{
		ID:      "outside-menu",
		Means:   "`again` asks the question of a menu once more, and there is no menu around it.",
		Do:      "Move it into the options of the menu.",
		Example: "flows:\n  main:\n    - again",
	},
	{
		ID:      "outside-loop",
		Means:   "`next` and `break` are about a loop, and there is none around them.",
		Do:      "Move them into the steps of `repeat` or `each`.",
		Example: "flows:\n  main:\n    - break",
	},
	{
		ID:      "endless-loop",
		Means:   "A loop says neither how often it runs nor until when.",
		Do:      "Write `repeat: 3`, or `while:` and a condition.",
		Example: "flows:\n  main:\n    - repeat:\n      do: { log: hello }",
	},
	{
		ID:      "duplicate-case",
		Means:   "A `switch` has the same value in two cases. Only the first would count.",
		Do:      "Remove one of them.",
		Example: "flows:\n  main:\n    - switch: call.dialed\n      case: { 1: { log: one }, [2, 1]: { log: two } }",
	},
	{
		ID:      "missing-param",
		Means:   "A flow is called without a parameter that has no default.",
		Do:      "Write it under `with`, or give it a default.",
		Example: "flows:\n  main:\n    - goto: greet\n  greet:\n    params: { who: string }\n    steps: { log: \"${who}\" }",
	},
	{
		ID:      "unknown-param",
		Means:   "A flow is called with a parameter that it does not have.",
		Do:      "Mind the spelling, or declare it under the flow's `params`.",
		Example: "flows:\n  main:\n    - goto: greet\n      with: { who: anna }\n  greet: answer",
	},
	{
		ID:      "unknown-type",
		Means:   "A parameter has a type that does not exist.",
		Do:      "Take one of those in the message.",
		Example: "flows:\n  main:\n    params: { who: text }\n    steps: { log: \"${who}\" }",
	},
	{
		ID:      "missing-return",
		Means:   "A flow declares what it returns, and on some way ends without it.",
		Do:      "End that way with `return` or `fail`.",
		Example: "flows:\n  ask:\n    returns: { number: string }\n    steps: { log: hello }",
	},
	{
		ID:      "unknown-return",
		Means:   "`return` gives a value that the flow does not declare.",
		Do:      "Declare it under the flow's `returns`.",
		Example: "flows:\n  ask:\n    - return: { number: \"1\" }",
	},
	{
		ID: "unused-flow", Warning: true,
		Means:   "A flow returns values, and no other flow calls it.",
		Do:      "Call it, or silence the warning when the dialplan reads FLOWRESULT.",
		Example: "flows:\n  ask:\n    returns: { number: string }\n    steps:\n      - return: { number: \"1\" }",
	},
	{
		ID: "goto-cycle", Warning: true,
		Means:   "Flows go on in each other for ever, without anything on the way that takes time. After 10,000 steps the call fails.",
		Do:      "Ask or play something on the way, or go on only when a condition is true.",
		Example: "flows:\n  one:\n    - goto: two\n  two:\n    - goto: one",
	},
}

var ruleChecks = []Check{
	{
		ID:      "no-trigger",
		Means:   "A rule says nowhere when it fires.",
		Do:      "Write one of `on`, `while`, `every` and `at`.",
		Example: "rules:\n  missed:\n    do: { log: missed }",
	},
	{
		ID:      "two-triggers",
		Means:   "A rule has more than one of `on`, `while`, `every` and `at`.",
		Do:      "Make it two rules.",
		Example: "rules:\n  missed:\n    on: call.ended\n    every: 5m\n    do: { log: missed }",
	},
	{
		ID:      "needs-key",
		Means:   "A key makes sense only beside another one, which is missing.",
		Do:      "Write the other one too, or remove this one.",
		Example: "rules:\n  missed:\n    on: call.ended\n    within: 5m\n    do: { log: missed }",
	},
	{
		ID:      "keys-clash",
		Means:   "Two keys cannot stand in one rule.",
		Do:      "Remove one of them, or make it two rules.",
		Example: "rules:\n  missed:\n    on: call.ended\n    cooldown: 5m\n    repeat: 5m\n    count: 3\n    within: 1h\n    per: call.caller.num\n    do: { log: missed }",
	},
	{
		ID:      "unknown-event",
		Means:   "There is no event of that name, neither one of pbxflow's nor one of Asterisk's.",
		Do:      "Mind the spelling; the reference lists all.",
		Example: "rules:\n  missed:\n    on: call.endd\n    do: { log: missed }",
	},
	{
		ID: "count-without-per", Warning: true,
		Means:   "Events are counted all together, whoever they are about.",
		Do:      "Write what tells one case from another, such as `per: call.caller.num`.",
		Example: "rules:\n  many:\n    on: call.ended\n    count: 5\n    within: 1m\n    do: { log: many }",
	},
	{
		ID: "notice-storm", Warning: true,
		Means:   "Every event sends a notice, and there may be thousands.",
		Do:      "Write how long to keep quiet afterwards, such as `cooldown: 5m`, or gather them with `group`.",
		Example: "notify: { ops: { webhook: \"https://hooks.example/\" } }\nrules:\n  ended:\n    on: call.ended\n    do: { notify: ops, text: a call ended }",
	},
}
