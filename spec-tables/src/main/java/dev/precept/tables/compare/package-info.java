/** Two vendors' tables next to each other: where the orders of an instruction's checks differ. */
package dev.precept.tables.compare;
