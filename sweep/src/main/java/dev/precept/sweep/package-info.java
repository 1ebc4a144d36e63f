/**
 * The whole state space of every form, not only the planned cases.
 *
 * <p>A <em>stratum</em> is a form in one mode. Its decision paths cut its states into parts in each
 * of which the same checks win; they are enumerated and never kept. From each path that a run takes
 * some states are drawn, made into cases, run on a subject and judged. Everything drawn depends on
 * the path alone, so that the same command always runs the same cases, however many threads, shards
 * or interruptions there are.
 */
package dev.precept.sweep;
