package agi

// Command describes one of Asterisk's AGI commands.
type Command struct {
	Name        string // as Do wants it: "STREAM FILE"
	Method      string // the method of Session that sends it: "StreamFile"
	AfterHangup bool   // whether Asterisk runs it on a dead channel; others are refused with ErrHangup

	// Since and Until are the first and the last major version of Asterisk that has the
	// command, of those that this package knows: 16 to 23.
	Since, Until int
}

// Commands are the AGI commands of Asterisk, grouped as the files of this package are.
// All versions from 16 to 23 have the same ones. It is not to be changed.
//
// GOSUB comes with the module app_stack and the SPEECH commands need a speech engine;
// everything else is there in every Asterisk with res_agi.
var Commands = []Command{
	{"ANSWER", "Answer", false, 16, 23},
	{"HANGUP", "Hangup", false, 16, 23},
	{"CHANNEL STATUS", "ChannelStatus", false, 16, 23},
	{"SET AUTOHANGUP", "SetAutoHangup", false, 16, 23},
	{"SET CALLERID", "SetCallerID", false, 16, 23},
	{"SET CONTEXT", "SetContext", false, 16, 23},
	{"SET EXTENSION", "SetExtension", false, 16, 23},
	{"SET MUSIC", "SetMusic", false, 16, 23},
	{"SET PRIORITY", "SetPriority", false, 16, 23},
	{"TDD MODE", "TDDMode", false, 16, 23},

	{"GET FULL VARIABLE", "GetFullVariable", true, 16, 23},
	{"GET VARIABLE", "GetVariable", true, 16, 23},
	{"SET VARIABLE", "SetVariable", true, 16, 23},

	{"DATABASE DEL", "DatabaseDel", true, 16, 23},
	{"DATABASE DELTREE", "DatabaseDelTree", true, 16, 23},
	{"DATABASE GET", "DatabaseGet", true, 16, 23},
	{"DATABASE PUT", "DatabasePut", true, 16, 23},

	{"ASYNCAGI BREAK", "AsyncAGIBreak", true, 16, 23},
	{"EXEC", "Exec", true, 16, 23},
	{"GOSUB", "Gosub", false, 16, 23},
	{"NOOP", "Noop", true, 16, 23},
	{"VERBOSE", "Verbose", true, 16, 23},

	{"CONTROL STREAM FILE", "ControlStreamFile", false, 16, 23},
	{"GET OPTION", "GetOption", false, 16, 23},
	{"STREAM FILE", "StreamFile", false, 16, 23},

	{"GET DATA", "GetData", false, 16, 23},
	{"WAIT FOR DIGIT", "WaitForDigit", false, 16, 23},

	{"RECORD FILE", "RecordFile", false, 16, 23},

	{"SAY ALPHA", "SayAlpha", false, 16, 23},
	{"SAY DATE", "SayDate", false, 16, 23},
	{"SAY DATETIME", "SayDateTime", false, 16, 23},
	{"SAY DIGITS", "SayDigits", false, 16, 23},
	{"SAY NUMBER", "SayNumber", false, 16, 23},
	{"SAY PHONETIC", "SayPhonetic", false, 16, 23},
	{"SAY TIME", "SayTime", false, 16, 23},

	{"RECEIVE CHAR", "ReceiveChar", false, 16, 23},
	{"RECEIVE TEXT", "ReceiveText", false, 16, 23},
	{"SEND IMAGE", "SendImage", false, 16, 23},
	{"SEND TEXT", "SendText", false, 16, 23},

	{"SPEECH ACTIVATE GRAMMAR", "SpeechActivateGrammar", false, 16, 23},
	{"SPEECH CREATE", "SpeechCreate", false, 16, 23},
	{"SPEECH DEACTIVATE GRAMMAR", "SpeechDeactivateGrammar", false, 16, 23},
	{"SPEECH DESTROY", "SpeechDestroy", true, 16, 23},
	{"SPEECH LOAD GRAMMAR", "SpeechLoadGrammar", false, 16, 23},
	{"SPEECH RECOGNIZE", "SpeechRecognize", false, 16, 23},
	{"SPEECH SET", "SpeechSet", false, 16, 23},
	{"SPEECH UNLOAD GRAMMAR", "SpeechUnloadGrammar", true, 16, 23},
}
