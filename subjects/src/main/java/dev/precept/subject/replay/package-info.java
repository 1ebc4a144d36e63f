/**
 * Cases as the core was given them, and what it did: whether a core that has changed does the same
 * is found out without tables, planning or judging.
 */
package dev.precept.subject.replay;
