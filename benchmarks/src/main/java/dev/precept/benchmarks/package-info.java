/** JMH benchmarks; they may use every module that they measure. */
package dev.precept.benchmarks;
