# SPDX-License-Identifier: Apache-2.0
# Warnings and sanitizers as interface targets, linked privately by our own targets.
option(SENDCONNECTOR_WERROR "Warnings are errors" OFF)
set(SENDCONNECTOR_SANITIZE "" CACHE STRING "address,undefined or thread; empty for none")
option(SENDCONNECTOR_FUZZ "Build the libFuzzer targets of tests/fuzz (clang)" OFF)
if(SENDCONNECTOR_FUZZ AND NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    message(FATAL_ERROR "SENDCONNECTOR_FUZZ wants clang: cmake --preset fuzz")
endif()

add_library(project_options INTERFACE)
target_include_directories(project_options INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_options(project_options INTERFACE
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wnon-virtual-dtor -Wold-style-cast
    -Woverloaded-virtual -Wimplicit-fallthrough -Wcast-qual)
target_compile_definitions(project_options INTERFACE SENDCONNECTOR_VERSION="${PROJECT_VERSION}")
if(SENDCONNECTOR_WERROR)
    target_compile_options(project_options INTERFACE -Werror)
endif()
if(SENDCONNECTOR_SANITIZE)
    target_compile_options(project_options INTERFACE
        -fsanitize=${SENDCONNECTOR_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
    target_link_options(project_options INTERFACE -fsanitize=${SENDCONNECTOR_SANITIZE})
endif()
if(SENDCONNECTOR_FUZZ)
    target_compile_options(project_options INTERFACE -fsanitize=fuzzer-no-link)
endif()

# A static library per folder: sendconnector_library(NAME source...)
function(sendconnector_library name)
    add_library(${name} STATIC ${ARGN})
    target_link_libraries(${name} PRIVATE project_options PUBLIC fmt::fmt)
    target_include_directories(${name} PUBLIC ${PROJECT_SOURCE_DIR})
endfunction()
