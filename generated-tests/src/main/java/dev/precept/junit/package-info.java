/**
 * What generated tests are written in, and what runs them.
 *
 * <p>{@link dev.precept.junit.Cases}, {@link dev.precept.junit.Claim} and {@link
 * dev.precept.junit.EveryState} are the words of a generated class; {@link dev.precept.junit.Suite}
 * plans, writes, compiles and runs all of them in process, for the command line. jqwik and JUnit
 * stay behind this package.
 */
package dev.precept.junit;
