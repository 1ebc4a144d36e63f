/**
 * The vocabulary every part of Precept shares: machine state, cases, observations and expectations.
 *
 * <p>Plain data, tied to no vendor, no table and no emulator. A {@link dev.precept.cases.Case} says
 * what to set up and run; an {@link dev.precept.cases.Observation} says what a subject did; an
 * {@link dev.precept.cases.Expectation} says what the manual allows. This package depends on
 * nothing.
 */
package dev.precept.cases;
