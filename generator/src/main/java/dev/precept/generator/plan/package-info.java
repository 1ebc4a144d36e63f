/**
 * Which cases an instruction form needs, found by a complete search over the finite domains of the
 * state variables: what the search does not find does not exist, and the plan says so.
 */
package dev.precept.generator.plan;
