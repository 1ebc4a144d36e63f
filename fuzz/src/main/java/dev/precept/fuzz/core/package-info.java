/** The emulator core on any bytes, any guest, any control block. Knows nothing of the tables. */
package dev.precept.fuzz.core;
