package definitions

import (
	"maps"
	"slices"
)

// Code names a kind of fault. A code keeps its meaning for good, so that tools
// may act on it; docs/diagnostics.md explains each.
type Code string

// Faults of whole files and of YAML.
const (
	CodeMissingFile    Code = "missing-file"
	CodeUnreadableFile Code = "unreadable-file"
	CodeFileTooLarge   Code = "file-too-large"
	CodeEmptyFile      Code = "empty-file"
	CodeNotUTF8        Code = "not-utf8"
	CodeSyntax         Code = "yaml-syntax"
	CodeManyDocuments  Code = "many-documents"
	CodeMergeKey       Code = "merge-key"
	CodeTag            Code = "yaml-tag"
	CodeTooManyAliases Code = "too-many-aliases"
	CodeFrontMatter    Code = "front-matter"
)

// Faults of keys and of single values.
const (
	CodeUnknownKey   Code = "unknown-key"
	CodeDuplicateKey Code = "duplicate-key"
	CodeMissingKey   Code = "missing-key"
	CodeConflict     Code = "conflicting-keys"
	CodeUselessKey   Code = "useless-key"
	CodeWrongKind    Code = "wrong-kind"
	CodeUnknownValue Code = "unknown-value"
	CodeBoolean      Code = "bad-boolean"
	CodeNumber       Code = "bad-number"
	CodePercent      Code = "bad-percent"
	CodeDuration     Code = "bad-duration"
	CodeDate         Code = "bad-date"
	CodeHours        Code = "bad-hours"
	CodeAddress      Code = "bad-address"
	CodePattern      Code = "bad-pattern"
	CodeID           Code = "bad-id"
	CodeReservedName Code = "reserved-name"
	CodeDuplicateID  Code = "duplicate-id"
	CodeTimezone     Code = "unknown-timezone"
	CodeCountry      Code = "unknown-country"
	CodeSecretInFile Code = "secret-in-file"
	CodeExpression   Code = "bad-expression"
	CodeTemplate     Code = "bad-template"
	CodeNotSupported Code = "not-supported"
)

// Names that lead nowhere.
const (
	CodeUnknownRole     Code = "unknown-role"
	CodeUnknownStage    Code = "unknown-stage"
	CodeUnknownField    Code = "unknown-field"
	CodeUnknownReason   Code = "unknown-reason"
	CodeUnknownLetter   Code = "unknown-letter"
	CodeUnknownTask     Code = "unknown-task"
	CodeUnknownDocument Code = "unknown-document"
	CodeUnknownLadder   Code = "unknown-ladder"
	CodeUnknownProcess  Code = "unknown-process"
	CodeUnknownTrigger  Code = "unknown-trigger"
)

// Faults of a company or a process as a whole.
const (
	CodeNoProcess     Code = "no-process"
	CodeNoStages      Code = "no-stages"
	CodeNoSMTP        Code = "no-smtp"
	CodeEmptyRole     Code = "empty-role"
	CodeUnreachable   Code = "unreachable-stage"
	CodeNoWayOut      Code = "no-way-out"
	CodeEndsByHand    Code = "ends-by-hand"
	CodeShadowedNext  Code = "shadowed-next"
	CodeDeadTrigger   Code = "dead-trigger"
	CodeMissingReason Code = "missing-reason"
	CodeLoseAfterWon  Code = "lose-after-won"
	CodeLoseIgnored   Code = "lose-ignored"
	CodeDoneUnwon     Code = "done-unwon"
	CodeSkipToLost    Code = "skip-to-lost"
	CodeLadderOrder   Code = "ladder-order"
	CodeSequenceOrder Code = "sequence-order"
	CodeFieldType     Code = "field-type"
	CodeComputedField Code = "computed-field"
	CodeUnusedReason  Code = "unused-reason"
	CodeUnusedLadder  Code = "unused-ladder"
	CodeUnusedLetter  Code = "unused-letter"
)

// severities lists every code.
var severities = map[Code]Severity{
	CodeMissingFile: SeverityError, CodeUnreadableFile: SeverityError, CodeFileTooLarge: SeverityError,
	CodeEmptyFile: SeverityError, CodeNotUTF8: SeverityError, CodeSyntax: SeverityError, CodeManyDocuments: SeverityError,
	CodeMergeKey: SeverityError, CodeTag: SeverityError, CodeTooManyAliases: SeverityError, CodeFrontMatter: SeverityError,

	CodeUnknownKey: SeverityError, CodeDuplicateKey: SeverityError, CodeMissingKey: SeverityError, CodeConflict: SeverityError,
	CodeUselessKey: SeverityError, CodeWrongKind: SeverityError, CodeUnknownValue: SeverityError, CodeBoolean: SeverityError,
	CodeNumber: SeverityError, CodePercent: SeverityError, CodeDuration: SeverityError, CodeDate: SeverityError,
	CodeHours: SeverityError, CodeAddress: SeverityError, CodePattern: SeverityError, CodeID: SeverityError,
	CodeReservedName: SeverityError, CodeDuplicateID: SeverityError, CodeTimezone: SeverityError, CodeCountry: SeverityError,
	CodeSecretInFile: SeverityError, CodeExpression: SeverityError, CodeTemplate: SeverityError, CodeNotSupported: SeverityError,

	CodeUnknownRole: SeverityError, CodeUnknownStage: SeverityError, CodeUnknownField: SeverityError, CodeUnknownReason: SeverityError,
	CodeUnknownLetter: SeverityError, CodeUnknownTask: SeverityError, CodeUnknownDocument: SeverityError,
	CodeUnknownLadder: SeverityError, CodeUnknownProcess: SeverityError, CodeUnknownTrigger: SeverityError,

	CodeNoProcess: SeverityError, CodeNoStages: SeverityError, CodeEmptyRole: SeverityError, CodeUnreachable: SeverityError,
	CodeNoWayOut: SeverityError, CodeShadowedNext: SeverityError, CodeMissingReason: SeverityError, CodeLoseAfterWon: SeverityError,
	CodeLadderOrder: SeverityError, CodeSkipToLost: SeverityError, CodeFieldType: SeverityError, CodeComputedField: SeverityError,

	CodeNoSMTP: SeverityWarning, CodeEndsByHand: SeverityWarning, CodeDeadTrigger: SeverityWarning, CodeLoseIgnored: SeverityWarning, CodeDoneUnwon: SeverityWarning,
	CodeSequenceOrder: SeverityWarning, CodeUnusedReason: SeverityWarning, CodeUnusedLadder: SeverityWarning, CodeUnusedLetter: SeverityWarning,
}

// Severity is how bad a fault of this kind is.
func (c Code) Severity() Severity { return severities[c] }

// Codes lists every code there is, sorted.
func Codes() []Code { return slices.Sorted(maps.Keys(severities)) }
