/**
 * Implementations under test: one small interface, and the emulator core behind it.
 *
 * <p>This is the only place where cases meet an emulator. It knows no table: what to set up comes
 * with the case, and what was seen goes back undigested.
 */
package dev.precept.subject;
