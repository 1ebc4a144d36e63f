/**
 * What differs between vendors in setting up and reading a world switch, as a strategy: nothing
 * else in the generator asks which vendor it is.
 */
package dev.precept.generator.vendor;
