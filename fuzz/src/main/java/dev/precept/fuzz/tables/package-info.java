/** Table files and expressions of any content. Knows nothing of the emulator core. */
package dev.precept.fuzz.tables;
