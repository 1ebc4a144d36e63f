/** What programs under test and results files say. */
package dev.precept.fuzz.messages;
