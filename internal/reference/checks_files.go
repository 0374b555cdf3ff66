package reference

var fileChecks = []Check{
	{
		ID:    "empty-app",
		Means: "There is no `*.yaml` file in the folder or below it; tests and hidden folders do not count.",
		Do:    "Name the folder of the app.",
	},
	{
		ID:    "unreadable",
		Means: "A file of the app cannot be read.",
		Do:    "Let the user who runs pbxflow read it.",
	},
	{
		ID:      "yaml-syntax",
		Means:   "The file is not valid YAML. Names that stand in it are missing elsewhere, and nothing is said about that.",
		Do:      "Mind tabs, and put a text in quotes that has a colon and a blank in it or begins with a character that means something to YAML, such as `@`, `%`, `&`, `*`, `!`, `>`, `{` and `[`.",
		Example: "flows:\n  main:\n    - log: ${call.dialed == \"1\" ? \"a\" : \"b\"}",
	},
	{
		ID:      "yaml-documents",
		Means:   "A line with `---` begins a second YAML document, and a file holds one.",
		Do:      "Remove the line, or make it two files.",
		Example: "flows: { main: answer }\n---\nflows: { other: answer }",
	},
	{
		ID:      "yaml-cycle",
		Means:   "An alias stands inside what its own anchor names, so the value has no end.",
		Do:      "Write the value out.",
		Example: "flows: &all\n  main: *all",
	},
	{
		ID:      "yaml-tag",
		Means:   "YAML reads a word that begins with `!` as a tag, and not as a part of the expression.",
		Do:      "Write `not` in place of `!`, or put the expression in quotes.",
		Example: "flows:\n  main:\n    - play: welcome\n      when: !call.dialed == \"1\"",
	},
	{
		ID:    "too-large",
		Means: "The file has more than 4 MiB, or with its aliases written out more than 200,000 values.",
		Do:    "Make several files of it.",
	},
	{
		ID:    "too-deep",
		Means: "More than 100 mappings and lists stand within each other.",
		Do:    "Move inner steps into flows of their own.",
	},
	{
		ID: "bad-ignore", Warning: true,
		Means:   "A comment `lint:ignore` lacks the id of the warning or the reason.",
		Do:      "Write both: whoever reads the file wants to know why.",
		Example: "flows:\n  main:\n    - play: welcome\n      as: heard   # lint:ignore never-used",
	},
	{
		ID: "unused-ignore", Warning: true,
		Means:   "A comment `lint:ignore` silences nothing: there is no such warning on its line.",
		Do:      "Remove it.",
		Example: "flows:\n  main:\n    - play: welcome   # lint:ignore never-used it was kept before",
	},
	{
		ID:    "too-many-problems",
		Means: "There are more problems than anybody reads.",
		Do:    "Correct some of those that are told first; the others may be gone then.",
	},
	{
		ID:      "yaml-merge",
		Means:   "The keys of another mapping are merged into a step by `<<`, and a step must have its verb first.",
		Do:      "Write them out, or make a flow of the steps and call it.",
		Example: "flows:\n  base: &base { play: welcome }\n  main:\n    - <<: *base\n      when: call.dialed == \"1\"",
	},
	{
		ID: "unused-anchor", Warning: true,
		Means:   "An anchor (`&name`) is used nowhere.",
		Do:      "Remove it.",
		Example: "flows:\n  main: &common\n    - answer",
	},
	{
		ID: "comment-key", Warning: true,
		Means:   "A line begins with `#:`, which YAML takes as a comment and not as the key `#`.",
		Do:      "Write `\"#\":`.",
		Example: "flows:\n  main:\n    - answer\n    - menu: main\n      options:\n        1: answer\n        #: hangup\n      give_up: hangup",
	},
	{
		ID: "foreign-braces", Warning: true,
		Means:   "A text has `{{ }}` of another template language, which stays as it is.",
		Do:      "Write `${…}`.",
		Example: "flows:\n  main:\n    - log: caller {{ call.caller.num }} calls",
	},
}

var valueChecks = []Check{
	{
		ID:      "unknown-key",
		Means:   "A mapping has a key that means nothing there.",
		Do:      "Mind the spelling and the indentation. A step of its own begins with a dash.",
		Example: "flows:\n  main:\n    - play: welcome\n      stop_at: \"1\"",
	},
	{
		ID:      "missing-key",
		Means:   "A key that is always needed is not there.",
		Do:      "Write it; the reference says what it holds.",
		Example: "flows:\n  main:\n    - menu: main-menu\n      give_up: hangup",
	},
	{
		ID:      "missing-value",
		Means:   "A key that needs a value has none.",
		Do:      "Write the value behind the colon.",
		Example: "flows:\n  main:\n    - play:",
	},
	{
		ID:      "duplicate-key",
		Means:   "A mapping has the same key twice. Only the first would count.",
		Do:      "Remove one of them.",
		Example: "flows:\n  main:\n    - play: welcome\n      timeout: 5s\n      timeout: 9s",
	},
	{
		ID:      "wrong-type",
		Means:   "A value is not of the kind that the key wants: a duration without a unit, text for a number, a list for a mapping.",
		Do:      "Write it as the message says.",
		Example: "flows:\n  main:\n    - dial: PJSIP/101\n      timeout: 20",
	},
	{
		ID:      "not-one-of",
		Means:   "A key takes one of a few words, and this is none of them.",
		Do:      "Take one of those in the message.",
		Example: "flows:\n  main:\n    - log: hello\n      level: warning",
	},
	{
		ID:      "bad-count",
		Means:   "A number of times makes no sense, such as a loop without a turn or a count of one event.",
		Do:      "Write a greater number, or leave the key out.",
		Example: "flows:\n  main:\n    - repeat: 0\n      do: { log: hello }",
	},
	{
		ID:      "bad-time",
		Means:   "A time makes no sense, such as one of no length.",
		Do:      "Write a longer one, or leave the key out.",
		Example: "flows:\n  main:\n    - tone: busy\n      for: 0s",
	},
	{
		ID:      "no-effect",
		Means:   "An option does nothing beside the others of its step.",
		Do:      "Remove it, or write the one that it needs.",
		Example: "flows:\n  main:\n    - tone: busy\n      interrupt: \"1\"",
	},
	{
		ID:      "no-expression",
		Means:   "A value must be known when the app is loaded, and an expression has one in a call only.",
		Do:      "Write the value itself.",
		Example: "hours:\n  office:\n    timezone: ${call.account}",
	},
	{
		ID:      "unclosed-expression",
		Means:   "The `}` is missing that ends an expression in a text.",
		Do:      "Write it. For the characters `${` themselves write `$${`.",
		Example: "flows:\n  main:\n    - log: ${call.dialed calls",
	},
	{
		ID:      "bad-penalty",
		Means:   "The penalty of a queue member is below 0.",
		Do:      "Write 0 or more; callers go to the smallest one first.",
		Example: "queues: { support: {} }\nflows:\n  main:\n    - queue_penalty: PJSIP/101\n      queue: support\n      penalty: -1",
	},
	{
		ID: "literal-secret", Warning: true,
		Means:   "A password or a key stands in the file, and whoever reads the app reads it.",
		Do:      "Take it from the environment: `${env.NAME}`.",
		Example: "flows:\n  main:\n    - http: https://crm.example/?api_key=abcdef123456\n      on_error: continue",
	},
	{
		ID:      "forbidden-number",
		Means:   "A number is dialled that `dialing` does not allow.",
		Do:      "Allow it there, or remove the step.",
		Example: "trunks: [\"PJSIP/carrier*\"]\ndialing: { allow: [CH], deny: [premium] }\nflows:\n  main:\n    - dial: PJSIP/0901234567@carrier\n      on: { else: hangup }",
	},
	{
		ID: "unbounded-dialling", Warning: true,
		Means:   "A number that is only known in the call goes to a trunk, and nothing bounds what it costs.",
		Do:      "Say under `dialing` which numbers may be called.",
		Example: "trunks: [\"PJSIP/carrier*\"]\nflows:\n  main:\n    - dial: PJSIP/${call.dialed}@carrier\n      on: { else: hangup }",
	},
}

var nameChecks = []Check{
	{
		ID:      "duplicate-name",
		Means:   "A name stands twice, in one file or in two, or an event twice in one list.",
		Do:      "Give one of them another name; the message says where the first one is.",
		Example: "flows: { main: answer }\nrules:\n  hold:\n    on: [Hold, Hold]\n    do: { log: held }",
	},
	{
		ID:      "bad-name",
		Means:   "A variable or parameter has a name that expressions cannot read, or one that always means something, such as `call`.",
		Do:      "Use letters, digits and `_`, and begin with a letter.",
		Example: "flows:\n  main:\n    - set: { my-name: 1 }",
	},
	{
		ID:      "unknown-flow",
		Means:   "There is no flow of that name.",
		Do:      "Mind the spelling, or write the flow.",
		Example: "flows:\n  main:\n    - goto: closed",
	},
	{
		ID:      "unknown-queue",
		Means:   "The app does not know the queue.",
		Do:      "Mind the spelling, or declare it under `queues` with the name that it has in Asterisk.",
		Example: "flows:\n  main:\n    - queue: support\n      on: { else: hangup }",
	},
	{
		ID:    "unknown-sound",
		Means: "There is no sound of that name in the folders under `sounds`. What a flow records itself is left out, and so are names with expressions in them, whole paths, and Asterisk's own digits and letters where the folder holds none.",
		Do:    "Mind the spelling, put the file there, or add the folder that has it: Asterisk's own sounds mostly lie in /usr/share/asterisk/sounds or /var/lib/asterisk/sounds.",
	},
	{
		ID: "missing-sound", Warning: true,
		Means: "A sound is there in some languages and not in others, in which Asterisk would play nothing.",
		Do:    "Record it in the others too, or put it beside the folders of the languages, where Asterisk finds it for all.",
	},
	{
		ID: "unknown-folder", Warning: true,
		Means:   "A sound folder is not on this machine, or holds none for a language, so nobody can say which prompts are missing.",
		Do:      "Correct `sounds`, or silence the warning where the folder is on Asterisk's machine only.",
		Example: "sounds: { folder: prompts }\nflows: { main: answer }",
	},
	{
		ID:      "unknown-notifier",
		Means:   "There is no place of that name to which notices go.",
		Do:      "Mind the spelling, or declare it under `notify`.",
		Example: "flows:\n  main:\n    - notify: ops\n      text: hello",
	},
	{
		ID:      "unknown-person",
		Means:   "There is nobody of that name who could sign in, or nobody at all.",
		Do:      "Mind the spelling, or declare the person under `people`.",
		Example: "people: { meier: { pin: \"${env.PIN_MEIER}\" } }\nflows:\n  main:\n    - login: enter-pin\n      person: mayer\n      on: { denied: hangup }",
	},
	{
		ID:      "clear-pin",
		Means:   "A PIN can be read by everybody who sees the file.",
		Do:      "Write its hash, which `pbxflow hash` makes, or `${env.NAME}`, and set NAME where the server is started.",
		Example: "people: { meier: { pin: \"4711\" } }",
	},
	{
		ID:      "bad-hash",
		Means:   "What stands for a PIN is no hash, or one that takes too long to compare.",
		Do:      "Make a hash with `pbxflow hash`, and copy all of it.",
		Example: "people: { meier: { pin: $2a$10$abc } }",
	},
	{
		ID:      "unknown-hours",
		Means:   "There are no opening hours of that name.",
		Do:      "Mind the spelling, or declare them under `hours`.",
		Example: "rules:\n  night:\n    on: call.started\n    hours: office\n    do: { log: called }",
	},
	{
		ID:      "unknown-name",
		Means:   "An expression reads a name that has no meaning at this place.",
		Do:      "Mind the spelling. What `as` and `set` name is known only to the steps below.",
		Example: "flows:\n  main:\n    - log: ${heard.key}\n    - play: welcome\n      as: heard",
	},
	{
		ID:      "unknown-field",
		Means:   "An expression reads a field that the value does not have.",
		Do:      "Take one of those in the message. A name with a dash stands in brackets: `hours[\"on-call\"].open`.",
		Example: "flows:\n  main:\n    - log: ${call.caller.number}",
	},
	{
		ID: "never-used", Warning: true,
		Means:   "A parameter, a result or a variable has a name that nothing reads.",
		Do:      "Remove it, or begin its name with `_`.",
		Example: "flows:\n  main:\n    - play: welcome\n      as: heard",
	},
	{
		ID:      "unknown-server",
		Means:   "There is no Asterisk server of that name in `pbxflow.yaml`.",
		Do:      "Mind the spelling, or declare it under `asterisk`.",
		Example: "flows:\n  main:\n    - queue_pause: PJSIP/101\n      paused: true\n      server: pbx9",
	},
	{
		ID: "hidden-name", Warning: true,
		Means:   "A loop or a step gives a name another value that it had for something else.",
		Do:      "Take another name.",
		Example: "flows:\n  main:\n    - set: { number: \"1\" }\n    - each: number\n      in: [\"2\", \"3\"]\n      do: { log: \"${number}\" }\n    - log: ${number}",
	},
}
