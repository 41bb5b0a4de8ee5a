/** Points of a batch's way through the platform where a fault test ends the process. */
export type PlatformFailpoint =
  | 'intake:before-store'
  | 'intake:bytes-written'
  | 'intake:bytes-stored'
  | 'intake:recorded'
  | 'delivery:recorded'
  | 'acknowledge:recorded'
  | 'archive:appended'
  | 'archive:removed'
  | 'state:folded'
  | 'download:made';
