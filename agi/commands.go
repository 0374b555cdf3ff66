package agi

// Command describes one of Asterisk's AGI commands.
type Command struct {
	Name        string // as Do wants it: "STREAM FILE"
	Method      string // the method of Session that sends it: "StreamFile"
	AfterHangup bool   // whether Asterisk runs it on a dead channel; others are refused with ErrHangup
}

// Commands are the AGI commands of Asterisk 16 to 23, which are the same ones in all
// of these, grouped as the files of this package are. It is not to be changed.
//
// GOSUB comes with the module app_stack and the SPEECH commands need a speech engine;
// everything else is there in every Asterisk with res_agi.
var Commands = []Command{
	{"ANSWER", "Answer", false},
	{"HANGUP", "Hangup", false},
	{"CHANNEL STATUS", "ChannelStatus", false},
	{"SET AUTOHANGUP", "SetAutoHangup", false},
	{"SET CALLERID", "SetCallerID", false},
	{"SET CONTEXT", "SetContext", false},
	{"SET EXTENSION", "SetExtension", false},
	{"SET MUSIC", "SetMusic", false},
	{"SET PRIORITY", "SetPriority", false},
	{"TDD MODE", "TDDMode", false},

	{"GET FULL VARIABLE", "GetFullVariable", true},
	{"GET VARIABLE", "GetVariable", true},
	{"SET VARIABLE", "SetVariable", true},

	{"DATABASE DEL", "DatabaseDel", true},
	{"DATABASE DELTREE", "DatabaseDelTree", true},
	{"DATABASE GET", "DatabaseGet", true},
	{"DATABASE PUT", "DatabasePut", true},

	{"ASYNCAGI BREAK", "AsyncAGIBreak", true},
	{"EXEC", "Exec", true},
	{"GOSUB", "Gosub", false},
	{"NOOP", "Noop", true},
	{"VERBOSE", "Verbose", true},

	{"CONTROL STREAM FILE", "ControlStreamFile", false},
	{"GET OPTION", "GetOption", false},
	{"STREAM FILE", "StreamFile", false},

	{"GET DATA", "GetData", false},
	{"WAIT FOR DIGIT", "WaitForDigit", false},

	{"RECORD FILE", "RecordFile", false},

	{"SAY ALPHA", "SayAlpha", false},
	{"SAY DATE", "SayDate", false},
	{"SAY DATETIME", "SayDateTime", false},
	{"SAY DIGITS", "SayDigits", false},
	{"SAY NUMBER", "SayNumber", false},
	{"SAY PHONETIC", "SayPhonetic", false},
	{"SAY TIME", "SayTime", false},

	{"RECEIVE CHAR", "ReceiveChar", false},
	{"RECEIVE TEXT", "ReceiveText", false},
	{"SEND IMAGE", "SendImage", false},
	{"SEND TEXT", "SendText", false},

	{"SPEECH ACTIVATE GRAMMAR", "SpeechActivateGrammar", false},
	{"SPEECH CREATE", "SpeechCreate", false},
	{"SPEECH DEACTIVATE GRAMMAR", "SpeechDeactivateGrammar", false},
	{"SPEECH DESTROY", "SpeechDestroy", true},
	{"SPEECH LOAD GRAMMAR", "SpeechLoadGrammar", false},
	{"SPEECH RECOGNIZE", "SpeechRecognize", false},
	{"SPEECH SET", "SpeechSet", false},
	{"SPEECH UNLOAD GRAMMAR", "SpeechUnloadGrammar", true},
}
