#ifndef PORTCULLIS_CHIREDIS_SHIM_H
#define PORTCULLIS_CHIREDIS_SHIM_H

// Only hiredis' reader and formatter are used; sockets belong to SwiftNIO.
#include <hiredis/hiredis.h>

#endif
