package agi

// Command describes one of Asterisk's AGI commands.
type Command struct {
	Name        string // as Do wants it: "STREAM FILE"
	Method      string // the method of Session that sends it: "StreamFile"
	AfterHangup bool   // whether Asterisk runs it on a dead channel; others are refused with ErrHangup
	Stoppable   bool   // whether it is stopped when its context ends; others go on, see SessionOptions.Interrupt

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
	{"ANSWER", "Answer", false, false, 16, 23},
	{"HANGUP", "Hangup", false, false, 16, 23},
	{"CHANNEL STATUS", "ChannelStatus", false, false, 16, 23},
	{"SET AUTOHANGUP", "SetAutoHangup", false, false, 16, 23},
	{"SET CALLERID", "SetCallerID", false, false, 16, 23},
	{"SET CONTEXT", "SetContext", false, false, 16, 23},
	{"SET EXTENSION", "SetExtension", false, false, 16, 23},
	{"SET MUSIC", "SetMusic", false, false, 16, 23},
	{"SET PRIORITY", "SetPriority", false, false, 16, 23},
	{"TDD MODE", "TDDMode", false, false, 16, 23},

	{"GET FULL VARIABLE", "GetFullVariable", true, false, 16, 23},
	{"GET VARIABLE", "GetVariable", true, false, 16, 23},
	{"SET VARIABLE", "SetVariable", true, false, 16, 23},

	{"DATABASE DEL", "DatabaseDel", true, false, 16, 23},
	{"DATABASE DELTREE", "DatabaseDelTree", true, false, 16, 23},
	{"DATABASE GET", "DatabaseGet", true, false, 16, 23},
	{"DATABASE PUT", "DatabasePut", true, false, 16, 23},

	{"ASYNCAGI BREAK", "AsyncAGIBreak", true, false, 16, 23},
	{"EXEC", "Exec", true, false, 16, 23},
	{"GOSUB", "Gosub", false, false, 16, 23},
	{"NOOP", "Noop", true, false, 16, 23},
	{"VERBOSE", "Verbose", true, false, 16, 23},

	{"CONTROL STREAM FILE", "ControlStreamFile", false, false, 16, 23},
	{"GET OPTION", "GetOption", false, true, 16, 23},
	{"STREAM FILE", "StreamFile", false, true, 16, 23},

	{"GET DATA", "GetData", false, true, 16, 23},
	{"WAIT FOR DIGIT", "WaitForDigit", false, true, 16, 23},

	{"RECORD FILE", "RecordFile", false, false, 16, 23},

	{"SAY ALPHA", "SayAlpha", false, false, 16, 23},
	{"SAY DATE", "SayDate", false, false, 16, 23},
	{"SAY DATETIME", "SayDateTime", false, false, 16, 23},
	{"SAY DIGITS", "SayDigits", false, false, 16, 23},
	{"SAY NUMBER", "SayNumber", false, false, 16, 23},
	{"SAY PHONETIC", "SayPhonetic", false, false, 16, 23},
	{"SAY TIME", "SayTime", false, false, 16, 23},

	{"RECEIVE CHAR", "ReceiveChar", false, false, 16, 23},
	{"RECEIVE TEXT", "ReceiveText", false, false, 16, 23},
	{"SEND IMAGE", "SendImage", false, false, 16, 23},
	{"SEND TEXT", "SendText", false, false, 16, 23},

	{"SPEECH ACTIVATE GRAMMAR", "SpeechActivateGrammar", false, false, 16, 23},
	{"SPEECH CREATE", "SpeechCreate", false, false, 16, 23},
	{"SPEECH DEACTIVATE GRAMMAR", "SpeechDeactivateGrammar", false, false, 16, 23},
	{"SPEECH DESTROY", "SpeechDestroy", true, false, 16, 23},
	{"SPEECH LOAD GRAMMAR", "SpeechLoadGrammar", false, false, 16, 23},
	{"SPEECH RECOGNIZE", "SpeechRecognize", false, false, 16, 23},
	{"SPEECH SET", "SpeechSet", false, false, 16, 23},
	{"SPEECH UNLOAD GRAMMAR", "SpeechUnloadGrammar", true, false, 16, 23},
}
