package dev.precept.power;

import dev.precept.cases.Expectation;
import dev.precept.generator.plan.PlannedCase;
import dev.precept.generator.state.Setup;

/**
 * A planned case made concrete, with what the tables allow.
 *
 * @param classes the state, a class for each variable
 */
record Trial(PlannedCase planned, int[] classes, Setup setup, Expectation expectation) {}
