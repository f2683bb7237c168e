// Package inbox reads mail: it turns the raw bytes of a message into a Message, decides what the message is
// to the company (Classify), and reads from it who wrote, how to reach them and what they want.
//
// The package is pure. It opens no connection, reads no clock and knows no database; what it has to ask of the
// past it asks through Index. The same bytes with the same Index give the same Verdict, so that a message can be
// read again after a fix.
package inbox
