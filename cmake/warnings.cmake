# Flags of all targets, in one interface library that each target links as `capa_flags`.
add_library(capa_flags INTERFACE)
target_include_directories(capa_flags INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_definitions(capa_flags INTERFACE _GNU_SOURCE CAPA_VERSION="${PROJECT_VERSION}")
target_compile_options(
  capa_flags
  INTERFACE -Wall -Wextra
            -Wshadow # a hidden outer name is a misread waiting to happen
            -Wundef -Wvla -Wwrite-strings -Wpointer-arith -Wcast-qual
            -Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition
            -Wformat=2 # format strings are literals
            -Wswitch-enum # a new enum member shows every switch that must know it
            -Wimplicit-fallthrough -Wdate-time
            -fstack-protector-strong -fno-omit-frame-pointer
            $<$<CONFIG:Release,RelWithDebInfo>:-D_FORTIFY_SOURCE=2>
            $<$<C_COMPILER_ID:GNU>:-Wlogical-op -Wduplicated-cond -fstack-clash-protection>)
if(CAPA_WERROR)
  target_compile_options(capa_flags INTERFACE -Werror)
endif()
target_link_options(capa_flags INTERFACE -Wl,-z,relro,-z,now)
if(CAPA_SANITIZE)
  target_compile_options(capa_flags INTERFACE -fsanitize=${CAPA_SANITIZE}
                                              -fno-sanitize-recover=all -U_FORTIFY_SOURCE)
  target_link_options(capa_flags INTERFACE -fsanitize=${CAPA_SANITIZE})
endif()
