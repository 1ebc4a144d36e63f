/**
 * The command line. Each command is a class; what it does lives in the other modules.
 *
 * <p>Sees every module, and nothing sees it.
 */
package dev.precept.cli;
