/** The tables as plain text, for a person at a terminal. */
package dev.precept.tables.text;
