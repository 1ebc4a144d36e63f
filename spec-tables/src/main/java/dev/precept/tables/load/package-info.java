/**
 * Reads the CSV tables and checks them; every problem of a run is told with file, line and column.
 */
package dev.precept.tables.load;
