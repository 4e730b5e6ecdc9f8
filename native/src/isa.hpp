/**
 * The name space of the instruction set that a file is compiled for.
 *
 * The same headers are compiled several times with other flags. Each time their functions stand in another name space, so that
 * the linker cannot merge a function that uses wide vectors with its portable namesake. For the same reason these headers
 * use nothing of the standard library that would be instantiated out of line.
 */
#pragma once

#ifndef ZKF_ISA
#define ZKF_ISA portable
#endif
