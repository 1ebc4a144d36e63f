/**
 * How much of what can be wrong the planned cases would notice.
 *
 * <p>A <em>mutant</em> is an implementation that is right in all but one respect: it takes two
 * checks in the wrong order, does not look at one variable of a condition, reports one bit wrong.
 * Right is what the tables say, so that a mutant's behaviour is predicted and no emulator is
 * needed. A mutant is killed by a case whose expectation does not allow what the mutant does; it is
 * equivalent where the complete search over the form's states finds none in which it differs; else
 * it survives, and the state in which it differs is a case that the plan lacks.
 */
package dev.precept.power;
