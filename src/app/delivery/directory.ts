/** Where `apply` puts encrypted deliveries unless told otherwise. */
export const defaultDeliveries = 'deliveries';
